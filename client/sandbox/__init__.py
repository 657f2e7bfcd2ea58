"""A double of our upstream Wan: the API on loopback and an engine that really edits."""

"""One file an entry point: payload → command → save → ack; nothing else."""

"""An async client for Model Studio video editing (`wan2.7-videoedit`)."""

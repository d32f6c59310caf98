"""What `capacity` does from a terminal: watch, simulate, replay, import, export, doctor."""

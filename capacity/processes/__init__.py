"""The processes: serve, record, up; what they read at start, and what keeps them running."""

"""Access: what it costs a report that its sender is recognised and let in."""

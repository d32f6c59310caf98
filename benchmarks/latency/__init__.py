"""Report to screen: from the thumb on a tablet to the message at a wall."""

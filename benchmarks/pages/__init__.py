"""What whoever holds a page waits for, in a real Chromium on the real service."""

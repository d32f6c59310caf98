"""What a search for free places costs the server."""

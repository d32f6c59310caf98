"""The feed: what a delivery to one of a thousand readers costs the server, and what a catch-up does."""

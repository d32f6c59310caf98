"""A crowd: ten thousand readers of one territory on one core of server, and what the API makes of it."""

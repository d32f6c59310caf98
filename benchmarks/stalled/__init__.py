"""Readers that stop reading: what the others notice of it, and what the server keeps for them."""

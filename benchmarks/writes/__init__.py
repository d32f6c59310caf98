"""Durable reports through HTTP: what one costs the server, beside a Node server and without gathering."""

"""How long nothing is accepted when the primary of the live store dies, and what it costs to lose nothing by that."""

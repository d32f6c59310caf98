"""A city to try the board with: Paris, its real haltes and totals, and invented sites that say so."""

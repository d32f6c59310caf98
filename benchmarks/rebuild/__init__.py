"""How long a territory is away when the live store has lost it whole."""

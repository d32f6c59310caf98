"""A storm: ten thousand readers whose server goes away, and comes back."""

"""The verbs: what the product does, between the wire and the stores."""

"""How long `capacity up` takes to be ready, and to be gone."""

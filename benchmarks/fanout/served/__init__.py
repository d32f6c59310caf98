"""Fan-out as Python teams build it: each module is one server, started as `python -m`."""

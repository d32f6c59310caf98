"""Pure rules on values: no I/O, no clock of their own."""

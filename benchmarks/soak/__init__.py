"""A day of traffic in some minutes, and what it leaves in the memory of each process."""

"""Fan-out: what a delivery costs our feed, beside what a team would otherwise pick and the physical limit."""

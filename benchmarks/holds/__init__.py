"""Holds: what one costs beside a plain report, and what happens when ten thousand end in the same moment."""

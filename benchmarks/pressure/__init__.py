"""Pressure: ten times the planned load at one server, which has to send away what is too much and serve the rest."""

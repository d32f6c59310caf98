"""The live board of free places in a city's shelters, haltes and day centres."""

from importlib.metadata import version

__version__ = version("capacity")

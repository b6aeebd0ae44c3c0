"""A registry of everything a fire engine can draw water from."""

__version__ = "0.1.0"

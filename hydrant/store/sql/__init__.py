"""Statements and table definitions that are told once, for a file and a server alike."""

"""Backups, checks, repairs, copies and rights of a whole registry."""

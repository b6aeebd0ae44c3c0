"""Memory: the registry and the readings, their queries, audit and migrations."""

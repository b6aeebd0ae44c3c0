"""The way to PostgreSQL: connection, dialect, errors, locks."""

"""The open registry: reading it, writing it in transactions, rows over time."""

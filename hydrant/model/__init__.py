"""What exists: the dated facts as tables and as validated input."""

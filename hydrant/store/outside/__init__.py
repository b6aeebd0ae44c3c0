"""What other programs changed in the registry, and what waits for a decision."""

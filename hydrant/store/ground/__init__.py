"""What all else stands on: where a registry is, how it is opened, what a backend can do."""

"""The administrative tree over time, and what each unit must have."""

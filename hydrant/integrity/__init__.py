"""Policy, evidence, condition and rates: pure functions."""

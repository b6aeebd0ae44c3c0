"""Readings of sensors, their alarms, and how old ones are summed up."""

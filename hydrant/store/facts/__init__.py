"""Dated facts: assets, visits, defects, sensors, and how they are corrected."""

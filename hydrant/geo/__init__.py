"""Where it is: datums, projections, distance, text forms of positions."""

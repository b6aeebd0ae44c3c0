"""From stored facts to figures; prints nothing."""

"""A registry on a server as it is made, opened and checked, and its readings."""

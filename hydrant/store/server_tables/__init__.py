"""What a registry on a server consists of: tables, functions, roles, rights, readings."""

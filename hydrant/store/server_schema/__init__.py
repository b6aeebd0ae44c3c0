"""What a registry on a server is defined by: tables, functions, roles, rights."""

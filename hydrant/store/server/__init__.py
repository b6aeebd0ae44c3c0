"""The registry on PostgreSQL/PostGIS, behind the surface the store uses of SQLite.

The store keeps one copy of every query, in SQLite's words. `sql` turns a statement into
PostgreSQL's, `connection` offers what the store uses of an SQLite connection, `ddl` builds the
schema from the same migrations; only what differs in kind stands in modules of its own.
Nothing here is imported unless a registry on a server is opened.
"""

"""The cursor that the models use: it gives truth values as such, not as SQLite's 0 and 1."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.bool import BoolLoader


class ModelCursor(psycopg.Cursor[Any]):
    """Cursor for SQLAlchemy on a connection that otherwise speaks as SQLite does."""

    def __init__(self, connection: psycopg.Connection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        self.adapters.register_loader("bool", BoolLoader)

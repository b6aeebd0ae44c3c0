"""What every table of the registry starts with, and how its columns are declared."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Double as SaDouble
from sqlalchemy import Text, text
from sqlmodel import Field, SQLModel

from hydrant.model.columns import UtcTime

#: What a row added by QGIS or another program holds until the store's triggers put in its key
#: and time. Not an expression: GDAL would write the text of the expression into the column.
UNSTAMPED = ""
#: Who recorded a row that came from another program.
OUTSIDE = "external"


def text_column(*, stored_default: str | None = None, **options: Any) -> Any:
    """Column of text; `stored_default` is what another program's row gets."""
    return _field(Text, stored_default, options)


def time_column(*, stored_default: str | None = None, **options: Any) -> Any:
    """Column of a moment, UTC; `stored_default` as in `text_column`."""
    return _field(UtcTime, stored_default, options)


def _field(kind: Any, stored_default: str | None, options: dict[str, Any]) -> Any:
    if stored_default is not None:
        options["sa_column_kwargs"] = {"server_default": text(stored_default)}
    return Field(sa_type=kind, **options)


def number_column(**options: Any) -> Any:
    """Column of a floating-point number."""
    return Field(sa_type=SaDouble, **options)


class Row(SQLModel):
    """What every table starts with."""

    fid: int | None = Field(default=None, primary_key=True)


class Fact(Row):
    """What every fact carries: its key, who recorded it when, and where it came from."""

    uid: str = text_column(unique=True, stored_default=f"'{UNSTAMPED}'")
    recorded_at: dt.datetime = time_column(stored_default=f"'{UNSTAMPED}'")
    recorded_by: str = text_column(stored_default=f"'{OUTSIDE}'")
    source: str | None = text_column(default=None)
    external_key: str | None = text_column(default=None)

"""Numbered changes of the registry's schema; each one's text is frozen once released."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One migration: its number and the name of its SQL file in this folder."""

    version: int
    name: str

    def statements(self) -> list[str]:
        """The SQL statements, in order."""
        script = files(__package__).joinpath(f"{self.version:04d}_{self.name}.sql")
        return [part for part in script.read_text("utf-8").split(";\n\n") if part.strip()]


CHANGES: tuple[SchemaChange, ...] = (
    SchemaChange(1, "initial"),
    SchemaChange(2, "crews"),
    SchemaChange(3, "styles"),
    SchemaChange(4, "seals"),
    SchemaChange(5, "corrections"),
    SchemaChange(6, "logins"),
)
LATEST = CHANGES[-1].version
#: The version from which on every row is sealed, and the kind of seal that older ones get: what
#: they say is taken as it is found.
FIRST_SEALED = 4
FOUND = "found"

"""The user's configuration file and application folders.

``config.toml`` in the user's configuration folder may set ``db`` (path or URL of the
registry), ``lang`` (zh or en) and ``by`` (who records facts). Nothing secret belongs there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from hydrant import guarded
from hydrant.errors import InputRefused

KEYS = ("db", "lang", "by")


@dataclass(frozen=True, slots=True)
class Config:
    """What the configuration file says; None where it says nothing."""

    db: str | None = None
    lang: str | None = None
    by: str | None = None


def config_path() -> Path:
    """Where the configuration file is looked for."""
    return user_config_path("hydrant", appauthor=False) / "config.toml"


def data_path() -> Path:
    """The user's application folder, home of the default registry."""
    return user_data_path("hydrant", appauthor=False)


def load(path: Path) -> Config:
    """Configuration of a file; an absent file is an empty one.

    Raises
    ------
    InputRefused
        The file is not TOML, or names a key or value that is not known.
    """
    try:
        values = guarded.toml(path)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise InputRefused("config.syntax", file=path, why=error.strerror) from None
    except ValueError as error:
        raise InputRefused("config.syntax", file=path, why=error) from None
    for key, value in values.items():
        if key not in KEYS or not isinstance(value, str):
            raise InputRefused("config.key", file=path, key=key, known=", ".join(KEYS))
    return Config(**values)


def save(path: Path, values: dict[str, str]) -> None:
    """Write the configuration file anew; values are plain text without line breaks."""
    quoted = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in values.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'{key} = "{value}"\n' for key, value in quoted.items()]
    path.write_text("".join(lines), encoding="utf-8")

"""The user's configuration file and application folders.

``config.toml`` in the user's configuration folder may set ``db`` (path or URL of the
registry), ``lang`` (zh or en), ``by`` (who records facts), ``color`` (auto, always, never),
``pager`` (auto, never), ``gateways`` (those that may be called from here) and ``photos`` (the
folder in which a round's photos arrive). Nothing secret belongs there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from hydrant import bounded, private
from hydrant.errors import CommandLineError, InputRefused
from hydrant.safe_text import without_secrets

KEYS = ("db", "lang", "by", "color", "pager", "gateways", "photos")
#: Words that a setting may have, where not any will do.
CHOICES = {"lang": ("zh", "en"), "color": ("auto", "always", "never"),
           "pager": ("auto", "never")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """What the configuration file says; None where it says nothing."""

    db: str | None = None
    lang: str | None = None
    by: str | None = None
    color: str | None = None
    pager: str | None = None
    gateways: str | None = None
    photos: str | None = None


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
        values = bounded.toml(path)
    except (FileNotFoundError, NotADirectoryError):  # the home may be no folder at all
        return Config()
    except OSError as error:
        raise InputRefused("config.syntax", file=path, why=error.strerror) from None
    except ValueError as error:
        raise InputRefused("config.syntax", file=path, why=error) from None
    for key, value in values.items():
        check(path, key, value)
    return Config(**values)


def photos_path() -> Path | None:
    """The folder in which photos of a round arrive, if the configuration names one."""
    named = load(config_path()).photos
    return None if named is None else Path(named)


def actor(by: str | None = None) -> str:
    """Who records facts: the one named, else the configuration, else the system's user.

    Raises
    ------
    CommandLineError
        Nothing names anybody, as in a container under a number that no user has.
    """
    import getpass  # noqa: PLC0415  a Tab loads little

    named = by or load(config_path()).by
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # by version of Python and by system
        raise CommandLineError("cli_common.nobody") from None


def check(path: Path, key: str, value: object) -> None:
    """Refuse a setting that is not known or a value it cannot have, with what it can."""
    if key not in KEYS or not isinstance(value, str):
        raise InputRefused("config.key", file=path, key=key, known=", ".join(KEYS))
    allowed = CHOICES.get(key)
    if allowed and value not in allowed:
        known = ", ".join(allowed)
        raise InputRefused("config.value", file=path, key=key, value=value, known=known)
    if any(char < " " or char == "\x7f" for char in value):
        raise InputRefused("config.line", file=path, key=key)


def save(path: Path, values: dict[str, str]) -> None:
    """Write the configuration file anew.

    Raises
    ------
    InputRefused
        A value holds a line break or control character, or a password.
    """
    for key, value in values.items():
        if not value.isprintable():
            raise InputRefused("config.unprintable", key=key)
        if _has_password(value):
            raise InputRefused("config.secret", file=path, key=key)
    quoted = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in values.items()}
    lines = [f'{key} = "{value}"\n' for key, value in quoted.items()]
    private.folder(path.parent)
    private.new_file(path)
    path.write_text("".join(lines), encoding="utf-8")


def _has_password(value: str) -> bool:
    """Whether a value says a password; the name of a user alone is none."""
    user_only = re.sub(r"://[^/:@\s]+@", "://", value)
    return without_secrets(user_only) != user_only

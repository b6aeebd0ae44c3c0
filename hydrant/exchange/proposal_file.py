"""Where a proposed mapping is kept: beside its file, and never over a file that is there."""

from __future__ import annotations

from pathlib import Path

from hydrant.errors import InputRefused

#: Names that are tried beside a file.
_MOST = 100


def require_free(place: Path | None) -> None:
    """Refuse a named place at which there is something; raises `InputRefused`."""
    if place is not None and place.exists():
        raise InputRefused("exchange.mapping_there", file=place)


def kept(file: Path, text: str, named: Path | None) -> Path:
    """Write a mapping and give its path: the named one, else the first free one beside its file.

    A file beside it that says the same is that mapping.

    Raises
    ------
    InputRefused
        It cannot be written, or something is at the named place.
    """
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputRefused("exchange.mapping_half", file=file) from None
    for place in [named] if named is not None else _beside(file):
        try:
            with place.open("xb") as made:
                made.write(content)
        except FileExistsError:
            if named is None and _says(place, content):
                return place
            continue
        except OSError as error:
            raise InputRefused(
                "exchange.mapping_unwritten", file=place, why=error.strerror
            ) from None
        return place
    raise InputRefused("exchange.mapping_there", file=named or file.with_suffix(".toml"))


def _beside(file: Path) -> list[Path]:
    names = (f"{file.stem}{'' if n == 1 else f'-{n}'}.toml" for n in range(1, _MOST + 1))
    return [file.with_name(name) for name in names]


def _says(place: Path, content: bytes) -> bool:
    try:
        return place.read_bytes() == content
    except OSError:
        return False  # a folder, or a file of somebody else's

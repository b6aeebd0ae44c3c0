"""One of several that write to a registry at once: ``python -m tests.store.at_once``.

Arguments: which one (`WHO`), the registry, for how many seconds. Prints each write that was
acknowledged as a line of JSON, asset and value, and each that was not with what was said.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hydrant.cli.frame import Settings
from hydrant.cli.main import run
from hydrant.errors import StoreError
from hydrant.store.facts.assets import edit_asset, find_asset
from hydrant.store.ground.gpkg import register_functions
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.transactions import transaction
from hydrant.vocabulary import Language

ASSETS = tuple(f"H{n}" for n in range(4))
#: Which column each of them writes.
WHO = {"commands": "owner", "open": "builder", "program": "note"}
Write = Callable[[str, str], str | None]


@contextlib.contextmanager
def commands(place: Place) -> Iterator[Write]:
    """A command for each write."""
    db = place.url if isinstance(place, Server) else str(place)

    def write(code: str, value: str) -> str | None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            ended = run(["--db", db, "asset", "edit", code, "--owner", value, "--lang", "en"])
        return None if ended == 0 else f"{ended}: {said.getvalue()}"

    yield write


@contextlib.contextmanager
def open_for_long(place: Place) -> Iterator[Write]:
    """One registry that stays open, as in a round of a survey; rows are held for long, too."""
    db = place.url if isinstance(place, Server) else str(place)
    settings = Settings(db, json=False, lang=Language.EN, command="test")
    with settings.registry(write=True) as registry:
        held = {code: find_asset(registry, code) for code in ASSETS}

        def write(code: str, value: str) -> str | None:
            try:
                with transaction(registry, actor="open", origin="open") as writer:
                    edit_asset(writer, held[code], {"builder": value}, {}, since=writer.moment)
            except StoreError as error:
                held[code] = find_asset(registry, code)
                return error.key
            return None

        yield write


@contextlib.contextmanager
def program(place: Place) -> Iterator[Write]:
    """Another program, which knows nothing of us."""
    if isinstance(place, Server):
        import psycopg  # noqa: PLC0415  a file needs no driver

        with psycopg.connect(place.url, autocommit=True) as raw:

            def change(code: str, value: str) -> str | None:
                try:
                    raw.execute("UPDATE hydrant.asset SET note = %s WHERE code = %s", (value, code))
                except psycopg.Error as error:
                    return str(error)
                return None

            yield change
        return
    with contextlib.closing(sqlite3.connect(place, timeout=5)) as connection:
        register_functions(connection)

        def write(code: str, value: str) -> str | None:
            try:
                connection.execute("UPDATE asset SET note = ? WHERE code = ?", (value, code))
                connection.commit()
            except sqlite3.OperationalError as error:
                connection.rollback()
                return str(error)
            return None

        yield write


SIDES = {"commands": commands, "open": open_for_long, "program": program}


def main() -> None:
    """Write until the time is over."""
    who, name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    place = Server(name) if name.startswith("postgresql") else Path(name)
    chance = random.Random(who)
    until = time.monotonic() + seconds
    number = 0
    with SIDES[who](place) as write:
        while time.monotonic() < until:
            number += 1
            code = chance.choice(ASSETS)
            refused = write(code, f"{who} {number}")
            print(json.dumps([code, f"{who} {number}", refused]), flush=True)
            time.sleep(chance.random() * 0.02)


if __name__ == "__main__":
    main()

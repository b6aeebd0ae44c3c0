"""Several who write at once: nothing acknowledged is lost, nothing honest is accused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hydrant.store.ground.place import Server
from tests.conftest import Program
from tests.store.at_once import ASSETS, WHO

ROOT = Path(__file__).parents[2]
SECONDS = os.environ.get("HYDRANT_AT_ONCE", "3")
#: What a write may be refused with; it is tried again by whoever made it.
MAY = ("locked", "store.unseen", "nobody has checked")


def written(program: Program) -> dict[str, list[tuple[str, str, str | None]]]:
    """What each said of its writes."""
    db = program.db.url if isinstance(program.db, Server) else str(program.db)
    words = [sys.executable, "-m", "tests.store.at_once"]
    sides = {
        who: subprocess.Popen([*words, who, db, SECONDS], stdout=subprocess.PIPE, cwd=ROOT,
                              stderr=subprocess.PIPE, text=True)
        for who in WHO
    }  # fmt: skip
    found = {}
    for who, process in sides.items():
        out, err = process.communicate(timeout=60 + 2 * float(SECONDS))
        assert (process.returncode, err) == (0, ""), who
        found[who] = [tuple(json.loads(line)) for line in out.splitlines()]
    return found


def told(program: Program, code: str) -> list[dict[str, Any]]:
    """Changes of an asset as the audit log tells them, the first one first."""
    changes = program.data("audit", "log", code, "-n", 1_000_000)["changes"]
    return [
        {"origin": e["origin"], "before": json.loads(e["before"]), "after": json.loads(e["after"])}
        for e in reversed(changes)
        if e["entity"] == "asset" and e["action"] == "update"
    ]


def test_every_write_of_each_is_there_and_follows_the_one_before(program: Program) -> None:
    for number, code in enumerate(ASSETS):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120 + number, "--lat",
                     30, "--crs", "cgcs2000")  # fmt: skip
    found = written(program)
    refused = [why for said in found.values() for *_, why in said if why is not None]
    assert all(any(word in why for word in MAY) for why in refused), refused
    done = {who: [(c, v) for c, v, why in said if why is None] for who, said in found.items()}
    assert all(done.values()), refused
    present = {a["code"]: a for a in program.data("asset", "list")["assets"]}
    logged = {code: told(program, code) for code in ASSETS}
    for who, column in WHO.items():
        values = [
            (code, e["after"][column])
            for code in ASSETS
            for e in logged[code]
            if column in e["after"]
        ]
        assert set(values) <= set(done[who])
        if who != "program":  # of which a row's net change is told
            assert sorted(values) == sorted(done[who])
        for code in ASSETS:
            last = None
            for entry in logged[code]:
                if column in entry["after"]:
                    assert entry["before"][column] == last
                    last = entry["after"][column]
            newest = [value for of, value in done[who] if of == code]
            assert present[code][column] == last == (newest[-1] if newest else None)
    assert program.data("db", "check")["faults"] == []
    assert program.data("audit", "verify")["broken"] == []
    print({who: len(writes) for who, writes in done.items()}, "refused:", len(refused))

"""Bits that turn over in the registry's file: told, or without effect on any rate.

One random bit of a registry is inverted; then the check and both rates are asked for. What
SQLite's own check and ours cannot see is counted, and of that what changes a rate.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.trial import NONE, PATIENCE, Ended, program, trial


@dataclass(slots=True)
class Flips:
    """What became of so many inverted bits.

    Attributes
    ----------
    told
        Named by the check, or the file was refused.
    refused_rates
        Of these, the rates were refused, too, without a check.
    without_effect
        Not told, and both rates are as they were.
    silent
        Not told, and a rate differs.
    """

    trials: int = 0
    told: int = 0
    refused_rates: int = 0
    without_effect: int = 0
    silent: int = 0
    silent_where: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def flip(template: Path, count: int, folder: Path, *, seed: int = 1) -> Flips:
    """Invert so many bits, each in a fresh copy."""
    found, chance = Flips(), random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "flipped.gpkg"
    data = template.read_bytes()
    path.write_bytes(data)
    rates = _rates(_asked(path, folder, "integrity", "--json"))
    assert rates is not None
    for _ in range(count):
        if not PATIENCE.left:
            break
        at, bit = chance.randrange(len(data)), chance.randrange(8)
        for left in folder.iterdir():
            left.unlink()
        path.write_bytes(data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :])
        _judge(path, folder, rates, found, f"byte {at} bit {bit}")
    shutil.rmtree(folder)
    return found


def _asked(path: Path, folder: Path, *words: str) -> Ended:
    return trial(program(["--db", path, *words, "--lang", "en"]), folder, NONE)


def _judge(path: Path, folder: Path, rates: Any, found: Flips, name: str) -> None:
    found.trials += 1
    asked, checked = (_asked(path, folder, *words) for words in
                      (("integrity", "--json"), ("db", "check")))  # fmt: skip
    for ended in (asked, checked):
        if ended.bad or ended.code is None:
            found.failures.append(f"{name}: ended with {ended.code}: {ended.out}{ended.err[-600:]}")
    now = _rates(asked)
    if checked.code != 0:
        found.told += 1
        found.refused_rates += now is None
    elif now == rates:
        found.without_effect += 1
    elif now is None:
        found.told += 1
    else:
        found.silent += 1
        found.silent_where.append(name)


def _rates(ended: Ended) -> Any:
    if ended.code != 0:
        return None
    data = json.loads(ended.out)["data"]
    return [data["total"], data["groups"]]

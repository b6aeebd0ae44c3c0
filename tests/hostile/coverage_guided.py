"""Coverage-guided inputs by atheris: ``python -m tests.hostile.coverage_guided --seconds 60``.

Each parser runs in a process of its own; what it starts from and how it is called is the same as
for the generated inputs (`tests.hostile.rig`), and atheris keeps what reaches new code.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

#: Read by Python code of ours; what is inside GDAL or SQLite cannot be watched.
WATCHED = ("csv", "geojson", "overpass", "xlsx", "mapping", "policy", "profile", "config",
           "ingest", "ingest_csv", "gateway_url", "modbus", "registration")  # fmt: skip


def fuzz_one(name: str, seconds: int) -> None:
    """Fuzz one parser; does not return."""
    import atheris

    with atheris.instrument_imports(include=["hydrant"]):
        from tests.hostile.rig import refused, rigged

    with TemporaryDirectory() as folder, rigged(Path(folder)) as (parsers, rig):
        parser = parsers[name]
        path = Path(folder) / f"input{parser.ending}"
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, make in enumerate(parser.made_from):
            (corpus / str(number)).write_bytes(make())

        def one(data: bytes) -> None:
            path.write_bytes(data)
            refused(rig, parser, path)

        def change(data: bytes, most: int, seed: int) -> bytes:
            chance = random.Random(seed)
            try:
                if chance.random() < 0.5:
                    return parser.mutate(data, chance)[:most]
            except Exception:  # what is no longer of its form is changed as bytes
                return bytes(atheris.Mutate(data, most))
            return bytes(atheris.Mutate(data, most))

        words = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=2500", str(corpus)]
        atheris.Setup(["fuzz", *words], one, custom_mutator=change)
        atheris.Fuzz()


def main() -> int:
    """Fuzz every parser in turn; 1 when one failed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--parser", action="append")
    options.add_argument("--one")
    chosen = options.parse_args()
    if chosen.one:
        fuzz_one(chosen.one, chosen.seconds)
        return 0
    failed = []
    for name in chosen.parser or WATCHED:
        words = [sys.executable, "-m", __spec__.name, "--one", name]
        words += ["--seconds", str(chosen.seconds)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        told = [line for line in done.stderr.splitlines() if line.startswith(("Done", "stat"))]
        print(name, done.returncode, *told, flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout[-2000:], done.stderr[-3000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

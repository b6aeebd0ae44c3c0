"""What the examples of the help pages need beside the sample county."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from hydrant.cli.main import run
from hydrant.resources import resource

#: Commands whose example is not run here, and why; its words are parsed all the same.
NOT_RUN = {
    "listen": "waits for gateways until it is stopped",
    "worker run": "needs a server; tests/telemetry/test_workers.py runs three there",
    "worker status": "needs a server; tests/telemetry/test_workers.py asks there",
    "worker prepare": "needs a server; tests/telemetry/test_pollers.py prepares one",
    "alarm ack": "needs an alarm of a device",
    "alarm shelve": "needs an alarm of a device",
    "sensor test": "needs a device that answers",
    "sensor suspend": "needs a sensor, which needs a device",
    "sensor resume": "needs a sensor, which needs a device",
    "sensor remove": "needs a sensor, which needs a device",
    "sensor export": "needs readings, which need a device",
    "ingest": "needs a sensor, which needs a device",
    "defect confirm": "needs a defect that an alarm proposed",
    "audit outside accept": "needs edits of another program; docs/how-to/qgis.md tells of them",
    "audit outside reject": "needs edits of another program; docs/how-to/qgis.md tells of them",
    "package take": "needs another registry's package; tests/exchange/test_package.py takes one",
    "db copy": "needs a server; tests/store copies to one and back",
    "db roles": "needs a server; tests/store/test_roles.py makes them there",
    "coverage": "needs a Shapefile of roads; docs/how-to/coverage.md runs it on GeoJSON",
    "import": "needs somebody's register; docs/how-to/import.md runs it",
    "survey round": "asks at a terminal; tests/survey/test_terminal_round.py answers",
}

_VISITS = "code,at,outcome\nYUN-001,2025-05-01,works\n"
_PLAN = "region,kind,count,from\n339901001,hydrant,80,2025-01-01\n"
_TOWNSHIP = "code,name_zh,name_en,level,parent_code\n339901099,新镇,New,township,339901\n"
_TEXTS = {
    "visits.csv": _VISITS,
    "检查记录.csv": _VISITS,
    "plan.csv": _PLAN,
    "规划.csv": _PLAN,
    "townships.csv": _TOWNSHIP,
    "乡镇.csv": _TOWNSHIP,
}
_COPIES = {
    "county.toml": ("data", "policies", "zhejiang.toml"),
    "本县.toml": ("data", "policies", "zhejiang.toml"),
    "my-device.toml": ("drivers", "keller-33x.toml"),
}


def prepare(folder: Path, command: str, words: Sequence[str]) -> None:
    """Put what an example reads into its folder."""
    if command.startswith("db "):
        shutil.copy(folder / "registry.gpkg", folder / "county.gpkg")
    if command in ("db verify", "db restore"):
        run(["db", "backup", words[2]])
    if command in ("defect clear", "defect edit", "defect withdraw"):
        run(["defect", "open", words[2], words[3], "--at", "2025-03-01"])
    if command == "defect reopen":
        run(["defect", "open", words[2], words[3], "--at", "2025-03-01"])
        run(["defect", "clear", words[2], words[3], "--at", "2025-03-02"])
    if command == "asset withdraw":
        run(["asset", "retire", words[2], "--at", "2025-03-01"])
    if command == "require withdraw":
        run(["require", "set", words[2], words[3], "700", "--from", words[5]])
    if command == "require end":
        run(["require", "set", words[2], words[3], "700", "--from", "2022-01-01"])
    if command in ("audit key sign", "audit key adopt"):
        run(["audit", "key", "new"])
    if command == "package check":
        run(["package", "make", words[2], "--region", "339901"])
    if command == "survey merge":
        run(["survey", "pack", words[2], "--crew", "East", "--region", "339901001"])
    for word in words:
        if word in _TEXTS:
            (folder / word).write_text(_TEXTS[word], encoding="utf-8")
        elif word in _COPIES:
            shutil.copy(resource(*_COPIES[word]), folder / word)

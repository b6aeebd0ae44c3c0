"""Real QGIS opens the registry, its styles and the project beside it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hydrant.vocabulary import KINDS
from tests.conftest import Program, missing

pytestmark = pytest.mark.peer

PYTHON = "/usr/bin/python3"
#: Runs in the system's Python, which has QGIS.
LOOK = """
import json, os, sys
from qgis.core import (QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsProject,
    QgsVectorLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
app = QgsApplication([], False)
app.initQgis()
gpkg, project, png = sys.argv[1:]
found = {}
for table in ("asset", "inspection", "defect", "lifecycle", "sensor", "requirement"):
    layer = QgsVectorLayer(f"{gpkg}|layername={table}", table, "ogr")
    said, fine = layer.loadDefaultStyle()
    fields = layer.fields()
    found[table] = {"fine": layer.isValid() and fine, "fields": {
        f.name(): [layer.editorWidgetSetup(i).type(), layer.attributeDisplayName(i),
            [list(e.items())[0] for e in layer.editorWidgetSetup(i).config().get("map", [])]]
        for i, f in enumerate(fields)}}
world = QgsProject.instance()
found["read"] = world.read(project)
found["crs"] = world.crs().authid()
found["layers"] = [layer.isValid() for layer in world.mapLayers().values()]
found["relations"] = {k: r.isValid() for k, r in world.relationManager().relations().items()}
(assets,) = [v for v in world.mapLayers().values() if v.isSpatial()]
settings = QgsMapSettings()
settings.setDestinationCrs(world.crs())
settings.setLayers([assets])
settings.setOutputSize(QSize(400, 300))
settings.setBackgroundColor(QColor("white"))
settings.setExtent(settings.fullExtent())
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(png)
seen = {image.pixelColor(x, y).name() for x in range(400) for y in range(300)}
found["colours"] = sorted(seen)
print("FOUND" + json.dumps(found))
os._exit(0)
"""


def look(gpkg: Path, png: Path) -> dict[str, Any]:
    if not Path(PYTHON).exists():
        missing("the system's Python is not there")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [PYTHON, "-c", LOOK, str(gpkg), str(gpkg.with_suffix(".qgz")), str(png)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if "No module named 'qgis'" in done.stderr:
        missing("python3-qgis is not installed (see .ci/run)")
    (line,) = [part for part in done.stdout.splitlines() if part.startswith("FOUND")]
    found: dict[str, Any] = json.loads(line.removeprefix("FOUND"))
    return found


@pytest.fixture
def filled(program: Program) -> Program:
    for number, kind in enumerate(("hydrant.pillar", "intake.river", "tank")):
        program.data("asset", "add", f"A{number}", "--kind", kind, "--crs", "cgcs2000",
                     "--lon", 120.1 + number / 100, "--lat", 30.2 + number / 200)  # fmt: skip
    program.data("survey", "record", "A0", "--outcome", "works")
    return program


@pytest.mark.parametrize(("lang", "pillar"), [("zh", "地上式消火栓"), ("en", "pillar hydrant")])
def test_qgis_shows_and_edits_by_the_vocabulary(
    filled: Program, tmp_path: Path, lang: str, pillar: str
) -> None:
    assert filled("db", "style", lang=lang).code == 0
    found = look(filled.db, tmp_path / "map.png")
    assert all(found[t]["fine"] for t in ("asset", "inspection", "defect", "lifecycle", "sensor"))
    kind = found["asset"]["fields"]["kind"]
    assert kind[0] == "ValueMap"
    assert tuple(value for _, value in kind[2]) == KINDS
    assert [pillar, "hydrant.pillar"] in kind[2]
    for table, field in (("inspection", "outcome"), ("defect", "severity"), ("defect", "code"),
                         ("lifecycle", "event"), ("asset", "service")):  # fmt: skip
        assert found[table]["fields"][field][0] == "ValueMap", field
    for table in ("asset", "inspection", "defect"):
        for field in ("fid", "uid", "recorded_at", "source"):
            assert found[table]["fields"][field][0] == "Hidden"
    assert found["inspection"]["fields"]["at"][0] == "DateTime"
    assert (found["read"], found["crs"]) == (True, "EPSG:4549")
    assert found["layers"] == [True] * 6
    assert len(found["relations"]) == 4
    assert all(found["relations"].values())
    assert {"#1f5aa6", "#0a7f8c", "#4a5568"} <= set(found["colours"])


def test_bundle_brings_its_map(filled: Program, tmp_path: Path) -> None:
    bundle = tmp_path / "crew.gpkg"
    filled.data("survey", "pack", bundle, "--crew", "A")
    found = look(bundle, tmp_path / "map.png")
    assert found["asset"]["fine"]
    assert found["layers"] == [True] * 6

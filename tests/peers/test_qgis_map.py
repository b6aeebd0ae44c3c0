"""Real QGIS opens the registry, its styles and the project beside it."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hydrant.store.ground.place import Place, Server
from hydrant.store.sql.qgis_style import SHOWN
from hydrant.vocabulary import KINDS
from tests.conftest import Program, missing
from tests.parts import advice
from tests.server import Cluster

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
provider, sources, project, png = sys.argv[1:]
found = {}
for table, source in json.loads(sources).items():
    layer = QgsVectorLayer(source, table, provider)
    said, fine = layer.loadDefaultStyle()
    fields = layer.fields()
    listed = layer.listStylesInDatabase()
    found[table] = {"fine": layer.isValid() and fine, "said": said, "styles": listed[2],
        "fields": {
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


def sources(place: Place) -> dict[str, str]:
    """How a person would name the tables of a registry in QGIS."""
    if not isinstance(place, Server):
        return {table: f"{place}|layername={table}" for table in SHOWN}
    known = urlsplit(place.url)
    where = f"dbname='{known.path[1:]}' host={known.hostname} port={known.port} key='fid'"
    return {
        table: f'{where} table="hydrant"."{table}"' + (" (geom)" if table == "asset" else "")
        for table in SHOWN
    }


def look(place: Place, png: Path, *, login: str = "postgres") -> dict[str, Any]:
    if not Path(PYTHON).exists():
        missing(advice("qgis"))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PGUSER": login}
    environment.pop("PYTHONPATH", None)
    provider = "postgres" if isinstance(place, Server) else "ogr"
    done = subprocess.run(
        [PYTHON, "-c", LOOK, provider, json.dumps(sources(place)),
         str(place.with_suffix(".qgz")), str(png)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if "ImportError" in done.stderr or "No module named" in done.stderr:
        missing(advice("qgis"))
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
    if isinstance(filled.db, Server):
        assert found["inspection"]["said"] == "Loaded from Provider"
        assert all(set(found[t]["styles"]) == {"中文", "English"} for t in SHOWN)


def test_login_that_may_read_gets_the_styles_and_theirs_stay(
    database: Server, postgres: Cluster, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    psycopg = pytest.importorskip("psycopg")
    program = Program(database, capsys)
    login = f"viewer_{database.url.rpartition('_')[2]}"
    with psycopg.connect(database.url) as connection:
        # as QGIS makes it: somebody kept a style of one of our tables, and one of another
        connection.execute(
            "CREATE TABLE public.layer_styles (id serial PRIMARY KEY, f_table_catalog varchar, "
            "f_table_schema varchar, f_table_name varchar, f_geometry_column varchar, "
            "stylename text, styleqml xml, stylesld xml, useasdefault boolean, description text, "
            "owner varchar(63) DEFAULT CURRENT_USER, ui xml, "
            "update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar)"
        )
        for schema in ("hydrant", "roads"):
            connection.execute(
                "INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, stylename, useasdefault) "
                "VALUES (current_database(), %s, 'asset', 'geom', 'theirs', true)",
                (schema,),
            )
    try:
        assert program("db", "roles", login, "--as", "auditor").code == 0
        for _ in range(2):
            assert program("db", "style").code == 0
        theirs = Program(Server(database.url.replace("postgres@", f"{login}@")), capsys)
        ran = theirs("db", "style")
        assert (ran.code, len(ran.err.splitlines())) == (4, 1)  # who reads may not restyle
        found = look(database, tmp_path / "map.png", login=login)
        assert found["layers"] == [True] * 6
        assert found["asset"]["said"] == "Loaded from Provider"
        assert found["asset"]["fields"]["kind"][0] == "ValueMap"
        assert set(found["asset"]["styles"]) == {"English", "theirs", "中文"}
        with psycopg.connect(database.url) as connection:
            defaults = connection.execute(
                "SELECT f_table_schema, stylename FROM public.layer_styles "
                "WHERE useasdefault AND f_table_name = 'asset' ORDER BY 1"
            ).fetchall()
        assert defaults == [("hydrant", "English"), ("roads", "theirs")]
    finally:
        postgres.run(f'DROP OWNED BY "{login}"; DROP ROLE "{login}"')


def test_project_of_a_server_tells_nobody_s_login(
    database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = Server(database.url.replace("postgres@", "postgres:geheim@"))
    project = Path(Program(secret.url, capsys).data("db", "style")["project"])
    with zipfile.ZipFile(project) as archive:
        (text,) = [archive.read(name).decode() for name in archive.namelist()]
    assert 'providerKey="postgres"' in text
    assert "geheim" not in text
    assert "user" not in text


@pytest.mark.file_only
def test_bundle_brings_its_map(filled: Program, tmp_path: Path) -> None:
    bundle = tmp_path / "crew.gpkg"
    filled.data("survey", "pack", bundle, "--crew", "A")
    found = look(bundle, tmp_path / "map.png")
    assert found["asset"]["fine"]
    assert found["layers"] == [True] * 6

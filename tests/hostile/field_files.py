"""What comes back from the field and goes up to the level above: forms, packages, areas, drafts."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.export_files import read_export
from hydrant.exchange.package_file import digest_of, open_package, write_package
from hydrant.exchange.package_rules import Allowed
from hydrant.exchange.package_shapes import MANIFEST, Figures
from hydrant.exchange.package_taking import take_package
from hydrant.exchange.submission_tables import flattened, main_table, read_submissions
from hydrant.exchange.submissions import judge
from hydrant.exchange.vector import one_area, read_shapes
from hydrant.messages import text
from hydrant.store.facts.assets import find_asset
from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.survey.dialogue import next_question, observation, understood
from hydrant.survey.draft import draft_folder, load_draft
from hydrant.survey.photos import keep_picture
from hydrant.survey.record import check_observation
from hydrant.vocabulary import Language
from tests.hostile import mutation as m

#: A form server's table of visits, its table of defects, and one flat table as KoBo gives it.
VISITS = (
    "KEY,SubmitterName,at,inspector,found_by,code,kind_seen,outcome,all_ok,check_lane,static_kpa,"
    "any_defects,position-Latitude,position-Longitude,form_version,photo\n"
    "uuid:a-1,s,2024-05-01T09:00:00.000+08:00,一班,typed,H1,hydrant,works,yes,,320,yes,30.2,120.1,"
    "hydrant_visit 1-abc,a.png\n"
    "uuid:b-2,s,2024-05-01T02:00:00Z,二班,new,N1,intake.river,works,no,no,,no,30.25,120.15,,\n"
).encode()
DEFECTS = ("PARENT_KEY,KEY,defect_code,defect_severity,defect_note\n"
           "uuid:a-1,uuid:a-1/defects[1],leak,remark,滴水\n").encode()  # fmt: skip
DRAFT: dict[str, Any] = {
    "asset_uid": "", "by": "t", "begun": "2024-05-01T09:00:00.000Z",
    "answers": {"outcome": "1", "all_ok": "n", "static_kpa": "0.32 MPa", "defects": "leak, 3",
                "note": "x"},
    "checklist": None, "photos": [],
}  # fmt: skip
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def archive(*members: tuple[str, bytes]) -> bytes:
    """A ZIP archive of some members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


def export() -> bytes:
    """An archive as a form server gives it: visits, defects, a photo."""
    return archive(("hydrant_visit.csv", VISITS), ("hydrant_visit-defects.csv", DEFECTS),
                   ("media/a.png", _PNG))  # fmt: skip


def _geojson(shape: Any) -> bytes:
    geometry = json.loads(shapely.to_geojson(shape))
    feature = {"type": "Feature", "properties": {"width": "4.5"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature, feature]}).encode()


def area() -> bytes:
    """An area with a hole."""
    hole = shapely.box(120.15, 30.15, 120.2, 30.2)
    return _geojson(shapely.box(120.1, 30.1, 120.3, 30.3).difference(hole))


def streets() -> bytes:
    """A street with a bend."""
    return _geojson(shapely.LineString([(120.1, 30.1), (120.2, 30.1), (120.2, 30.2)]))


def package(registry: Registry) -> bytes:
    """A package of a registry."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "p.zip"
        figures = Figures(policy="p", policy_digest="0", completeness=None, working_order={})
        write_package(path, registry, region=None, as_of="2024-06-01",
                      figures=figures)  # fmt: skip
        return path.read_bytes()


def resealed(member: Callable[[str], m.Mutate]) -> m.Mutate:
    """Mutation of a package whose sums are right again, as who makes one on purpose has them."""
    plain = m.packed(member)

    def mutate(data: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.2:
            return plain(data, chance)
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            members = {entry.filename: file.read(entry) for entry in file.infolist()}
        name = chance.choice([name for name, content in members.items() if content])
        form = m.json_form if name == MANIFEST else m.jsonl_form
        members[name] = form(members[name], chance)
        return archive(*_summed(members).items())

    return mutate


def _summed(members: dict[str, bytes]) -> dict[str, bytes]:
    try:
        told = json.loads(members[MANIFEST])
        for name, content in members.items():
            if name != MANIFEST:
                told["members"][name] = {"rows": content.count(b"\n"),
                                         "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip
        told["digest"] = digest_of(told)
        return members | {MANIFEST: json.dumps(told).encode()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return members  # a manifest that is none has no sum


def read_submitted(registry: Registry, path: Path) -> None:
    """Read a form server's export, and what each submission amounts to."""
    found_export = read_export(path)
    table = main_table(found_export)
    if table is None:
        raise InputRefused("exchange.no_submissions", file=path)
    found = read_submissions(found_export, table)
    judged = judge(registry, found.found, region=None)
    for why in judged.problems.values():
        text(why.key, Language.ZH, **why.facts)
    flattened(table, found.found)
    for one in judged.good:
        for name in one.photos:
            medium = found_export.medium(name, key=one.key)
            if medium is not None:
                medium.read()


def take(empty: Path, path: Path) -> None:
    """Take a package into a registry of nothing."""
    with open_package(path) as found:
        found.check()
        target = empty.with_name("taken.gpkg")
        shutil.copy(empty, target)
        with open_registry(target, write=True) as registry:
            taken = take_package(registry, found, actor="t", allowed=Allowed(withdrawals=True))
            for row in taken.rows:
                text(row.why.key, Language.EN, **row.why.facts)


def resume(registry: Registry, path: Path) -> None:
    """Take up a half-answered visit."""
    folder = draft_folder(registry.path)
    folder.mkdir(exist_ok=True)
    shutil.copy(path, folder / "draft.json")
    try:
        draft = load_draft(folder / "draft.json")
    finally:
        for kept in folder.glob("*.unread"):
            kept.unlink()
    asset = find_asset(registry, draft.asset_uid)
    answers = understood(asset.kind, draft.answers)
    if next_question(asset.kind, answers) is None:
        at = times.from_text(draft.begun)
        check_observation(observation(asset.kind, answers, at=at, inspector="t"), registry.zone)


Source = tuple[str, str, tuple[Callable[[], bytes], ...], m.Mutate, Callable[[Any, Path], None]]


def sources(registry: Registry, asset: str, member: Callable[[str], m.Mutate]) -> list[Source]:
    """Parsers of this module, as the rig lists them."""
    empty = registry.path.with_suffix(".empty.gpkg")
    create(empty, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
    sent = package(registry)
    draft = json.dumps(DRAFT | {"asset_uid": asset}).encode()
    return [
        ("submissions", ".csv", (lambda: VISITS,), m.csv_form,
         lambda _, path: read_submitted(registry, path)),
        ("submissions_zip", ".zip", (export,), m.packed(member),
         lambda _, path: read_submitted(registry, path)),
        ("package", ".zip", (lambda: sent,), resealed(member), lambda _, path: take(empty, path)),
        ("area", ".geojson", (area,), m.json_form,
         lambda _, path: shapely.prepare(one_area(read_shapes(path, "polygons", crs="wgs84").geometries))),
        ("streets", ".geojson", (streets,), m.json_form,
         lambda _, path: _width(read_shapes(path, "lines", crs="wgs84"))),
        ("draft", ".json", (lambda: draft,), m.json_form,
         lambda _, path: resume(registry, path)),
        ("photo", ".png", (lambda: _PNG,), m.by_bytes,
         lambda _, path: _keep(registry, path)),
    ]  # fmt: skip


def _width(found: Any) -> None:
    shapely.length(found.geometries)


def _keep(registry: Registry, path: Path) -> None:
    keep_picture(path.read_bytes(), registry.path, name=path.name)

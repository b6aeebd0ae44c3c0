"""Random days of several crews on copies of one registry, to be merged in any order."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from hydrant import times
from hydrant.ids import new_uid
from hydrant.model.geopoint import encode_point
from hydrant.model.tables import Asset, Defect, Inspection, Region
from hydrant.store.file.migrate import create
from hydrant.store.ground.connection import connect
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.outside.proposals import open_conflicts
from hydrant.store.proofs.verifying import verify
from hydrant.store.sides.bundle_file import CARRIED
from hydrant.survey.merging import merge
from hydrant.survey.packing import pack
from tests.server import Cluster

CREWS = ("East", "West", "North")
ASSETS = 4
#: Where crews find new assets: two spots three metres apart, one 30 m off, one far away.
SPOTS = ((120.5, 30.5), (120.50003, 30.5), (120.5003, 30.5), (120.6, 30.6))
KINDS = ("hydrant", "hydrant.pillar", "hydrant.underground")

_words = st.sampled_from(["one", "two", None])
_assets = st.integers(0, ASSETS - 1)
_edits = st.one_of(
    st.tuples(st.just("edit"), _assets, st.sampled_from(["owner", "address", "note"]), _words),
    st.tuples(st.just("edit"), _assets, st.just("kind"), st.sampled_from(KINDS)),
    st.tuples(st.just("move"), _assets, st.sampled_from(SPOTS)),
    st.tuples(st.just("visit"), _assets, st.sampled_from(["works", "fails"])),
    st.tuples(st.just("clear"), _assets),
    st.tuples(st.just("delete"), st.sampled_from(["asset", "inspection"]), _assets),
    st.tuples(
        st.just("find"),
        st.sampled_from(SPOTS),
        st.sampled_from([None, "N1", "N2"]),
        st.sampled_from(KINDS),
        _words,
    ),
    st.tuples(st.just("refind"), st.sampled_from(["owner", "code"]), _words),
)
#: What each crew does before and after it was back for the first time.
days = st.lists(
    st.tuples(st.lists(_edits, max_size=4), st.lists(_edits, max_size=2)),
    min_size=2,
    max_size=len(CREWS),
)


@dataclass(frozen=True, slots=True)
class Office:
    """A registry and the bundles packed from it, in a folder of their own.

    Attributes
    ----------
    cluster, name
        The server and its database where the registry is not a file.
    """

    folder: Path
    cluster: Cluster | None = None
    name: str = ""

    @property
    def registry(self) -> Any:
        if self.cluster is not None:
            return Server(f"{self.cluster.url}/{self.name}")
        return self.folder / "office.gpkg"

    def bundle(self, crew: int) -> Path:
        return self.folder / f"{CREWS[crew]}.gpkg"

    def copy(self, folder: Path) -> Office:
        """The same before anything was merged."""
        shutil.copytree(self.folder, folder)
        if self.cluster is None:
            return Office(folder)
        name = f"test_{new_uid()[-12:]}"
        self.cluster.database(name, template=self.name)
        copied = Office(folder, self.cluster, name)
        shutil.copytree(folder / _LEFT, copied.registry.with_suffix(".bundles"))
        return copied


#: What a server's registry keeps of bundles as they left; it lies in the user's own folder.
_LEFT = "left"


def set_up_on(cluster: Cluster, template: str, folder: Path) -> Office:
    """As `set_up`, on a server."""
    name = f"test_{new_uid()[-12:]}"
    cluster.database(name, template=template)
    office = _filled(Office(folder, cluster, name))
    shutil.copytree(office.registry.with_suffix(".bundles"), folder / _LEFT)
    return office


def set_up(folder: Path) -> Office:
    """A small registry and a bundle for each crew."""
    office = Office(folder)
    create(office.registry, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
    return _filled(office)


def _filled(office: Office) -> Office:
    with open_registry(office.registry, write=True) as registry:
        with transaction(registry, actor="t", origin="t") as writer:
            writer.add(Region(code="330199", level="county"))
            for number in range(ASSETS):
                uid = f"asset-{number}"
                geom = (120 + number / 100, 30.0)
                writer.add(Asset(uid=uid, code=f"A{number}", kind="hydrant", geom=geom))
                writer.add(Inspection(uid=f"visit-{number}", asset_uid=uid, outcome="works"))
                writer.add(
                    Defect(uid=f"defect-{number}", asset_uid=uid, code="leak", severity="blocking")
                )
        uids = [f"asset-{number}" for number in range(ASSETS)]
        for crew, name in enumerate(CREWS):
            pack(registry, office.bundle(crew), uids, crew=name, area={}, actor="t")
    return office


def work(bundle: Path, edits: list[Any], *, crew: int) -> None:
    """Do a crew's day: through the program, and deleting as GIS programs do."""
    for number, edit in enumerate(edits):
        if edit[0] == "delete":
            _delete(bundle, edit[1], edit[2])
        else:
            with open_registry(bundle, write=True) as registry:
                _edit(registry, edit, f"{crew}-{number}")


def _delete(bundle: Path, entity: str, number: int) -> None:
    uid = f"{'asset' if entity == 'asset' else 'visit'}-{number}"
    with closing(connect(bundle, write=True)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"DELETE FROM {entity} WHERE uid = ?", (uid,))


def _edit(registry: Registry, edit: Any, name: str) -> None:
    word, *what = edit
    row = raw_rows.fetch(registry, "asset", f"asset-{what[0]}")
    with transaction(registry, actor=name, origin="t") as writer:
        if word == "find":
            spot, code, kind, owner = what
            row = {
                "uid": new_uid(),
                "recorded_at": times.to_text(times.now()),
                "recorded_by": name,
                "code": code,
                "kind": kind,
                "service": "municipal",
                "owner": owner,
                "geom": encode_point(*spot),
            }
            raw_rows.insert(writer, "asset", row)
            _visit(writer, row["uid"], "works")
        elif word == "refind":
            for found in list(raw_rows.fetch_all(registry, "asset", {})):
                if not found["uid"].startswith("asset-"):
                    raw_rows.update(writer, "asset", found, {what[0]: what[1]})
        elif row is not None and word == "edit":
            raw_rows.update(writer, "asset", row, {what[1]: what[2]})
        elif row is not None and word == "move":
            raw_rows.update(writer, "asset", row, {"geom": encode_point(*what[1])})
        elif row is not None and word == "visit":
            _visit(writer, row["uid"], what[1])
        elif row is not None and word == "clear":
            defect = raw_rows.fetch(registry, "defect", f"defect-{what[0]}")
            assert defect is not None
            raw_rows.update(writer, "defect", defect, {"cleared_at": times.to_text(times.now())})


def _visit(writer: Any, asset: str, outcome: str) -> None:
    now = times.to_text(times.now())
    visit = {
        "uid": new_uid(),
        "recorded_at": now,
        "recorded_by": "t",
        "asset_uid": asset,
        "at": now,
        "outcome": outcome,
    }
    raw_rows.insert(writer, "inspection", visit)


def bring_back(office: Office, bundles: list[Path]) -> None:
    """Merge bundles in the given order."""
    with open_registry(office.registry, write=True) as registry:
        for bundle in bundles:
            merge(registry, bundle, actor="t")


_OURS = ("recorded_at", "recorded_by")


def told(path: Place) -> dict[str, Any]:
    """What a registry says, apart from when and by whom it was merged."""
    with open_registry(path) as registry:
        assert verify(registry, advance=lambda _: None).findings == []
        facts: dict[str, Any] = {
            table: {
                row["uid"]: {name: value for name, value in row.items() if name not in _OURS}
                for row in raw_rows.fetch_all(registry, table, {})
            }
            for table in CARRIED
        }
        facts["conflicts"] = sorted(
            (
                conflict["entity"],
                conflict["entity_uid"],
                conflict["field"],
                conflict["base"],
                conflict["reason"],
                sorted((side.bundle, side.value or "") for side in conflict["sides"]),
            )
            for conflict in open_conflicts(registry)
        )
        facts["aliases"] = sorted(
            (row["former_uid"], row["asset_uid"])
            for row in raw_rows.fetch_all(registry, "asset_alias", {})
        )
    return facts

"""A county on a server and logins of its roles, for tests of what each may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hydrant.ids import new_uid
from hydrant.store.ground.place import Server
from tests.conftest import TWO_TOWNSHIPS, Program
from tests.server import Cluster


@pytest.fixture
def office(
    database: Server, postgres: Cluster, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Program:
    """A county of two townships with a hydrant each, as its administrator sees it."""
    program = Program(database, capsys)
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    for code, region in (("A", "330199001"), ("B", "330199002")):
        program.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120.1, "--lat",
                     30.2, "--crs", "cgcs2000", "--region", region)  # fmt: skip
    program.data("require", "set", "330199001", "hydrant", 3, "--from", "2021-01-01")
    return program


@pytest.fixture
def login(office: Program, postgres: Cluster) -> Iterator[Callable[..., str]]:
    """Makes a login of a role; gives the URL with which it connects."""
    made: list[str] = []

    def make(role: str, *regions: str) -> str:
        name = f"u_{new_uid()[-12:]}"
        made.append(name)
        flags = [word for code in regions for word in ("--region", code)]
        office.data("db", "roles", name, "--as", role, *flags)
        return str(office.db.url).replace("postgres@", f"{name}@")

    yield make
    for name in made:
        postgres.run(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')

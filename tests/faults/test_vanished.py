"""Storage that may not be written to, or goes away under a running command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hydrant.errors import StoreError
from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import open_readings
from tests.conftest import SETTINGS, Program, missing
from tests.faults.disk import small_disk
from tests.parts import lacking

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot go away there")


def write(path: Path) -> None:
    """Change a fact through an open registry."""
    with open_registry(path, write=True) as registry:
        _write(registry)


def _write(registry: object) -> None:
    from hydrant.model.tables import Asset
    from hydrant.store.opened.registry import Registry

    assert isinstance(registry, Registry)
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(Asset(code="B", kind="hydrant", geom=(120.0, 30.0)))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 64 << 20) as found:
        if found is None:
            if why := lacking("mount"):
                missing(why)
            pytest.skip("this user may not mount")
        create(found / "a.gpkg", settings=SETTINGS)
        yield found


def remount_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


@pytest.mark.parametrize(
    "words",
    [
        ("asset", "add", "A", "--kind", "hydrant", "--lon", "120", "--lat", "30", "--crs", "wgs84"),
        ("poll", "--all"),
        ("db", "backup", "{folder}/b.gpkg"),
        ("db", "migrate"),
        ("init",),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_read_only_disk_is_told_in_one_line(
    disk: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program(disk / "a.gpkg", capsys)
    remount_read_only(disk)
    line = [word.replace("{folder}", str(disk)) for word in words]
    ran = program(*line)
    if words == ("db", "migrate"):  # there is nothing to do
        assert ran.code in {0, 4}
        return
    assert ran.code == 4, ran
    assert len(ran.err.strip().splitlines()) == 1
    assert str(disk) in ran.err


def test_a_read_only_disk_can_be_read(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = Program(disk / "a.gpkg", capsys)
    write(disk / "a.gpkg")
    with open_readings(disk / "a.readings.db") as readings:
        readings.begin_run(1)
    remount_read_only(disk)
    for words in (
        ("asset", "list"),
        ("integrity",),
        ("alarm", "list"),
        ("db", "check"),
        ("near", 120, 30),
    ):
        assert program(*words).code == 0, words


def away(path: Path) -> None:
    path.rename(path.with_name("elsewhere.gpkg"))


def replaced(path: Path) -> None:
    shutil.copy(path, path.with_name("other.gpkg"))
    path.with_name("other.gpkg").replace(path)


def removed(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("befall", [away, replaced, removed])
def test_a_registry_that_goes_away_is_not_written_to(
    tmp_path: Path, befall: Callable[[Path], None]
) -> None:
    (tmp_path / "one").mkdir()
    path = tmp_path / "one" / "a.gpkg"
    create(path, settings=SETTINGS)
    with open_registry(path, write=True) as registry:
        _write(registry)
        befall(path)
        with pytest.raises(StoreError) as caught:
            _write(registry)
    assert caught.value.key in {"store.moved", "store.cannot_open"}


def test_a_disk_that_is_unmounted_meanwhile(disk: Path, tmp_path: Path) -> None:
    with open_readings(disk / "a.readings.db") as readings:
        readings.begin_run(1)
        with open_registry(disk / "a.gpkg", write=True) as registry:
            subprocess.run(["umount", "-l", str(disk)], check=True)
            with pytest.raises(StoreError) as caught:
                _write(registry)
            assert caught.value.key in {"store.moved", "store.cannot_open"}
        with pytest.raises(StoreError):
            readings.begin_run(1)
    with pytest.raises(StoreError) as missing, open_registry(disk / "a.gpkg"):
        pass
    assert missing.value.key == "store.missing"
    # the fixture unmounts what is there
    subprocess.run(["mount", "-t", "tmpfs", "none", str(disk)], check=True)

"""The offline audit names each hole by OSV's rules, and is never clean for want of knowledge."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from packaging.version import InvalidVersion

from release import advisories
from release.advisories import audit, concerns

NOW = datetime(2026, 12, 1, tzinfo=UTC)
OURS = {"shapely": frozenset({"2.2.0"}), "numpy": frozenset({"2.4.6", "2.5.5"})}


def within(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"ranges": [{"type": kind, "events": list(events)}]}


def advisory(name: str = "shapely", affected: dict[str, Any] | None = None, **more: Any) -> Any:
    about = {"package": {"ecosystem": "PyPI", "name": name}}
    return {
        "id": "PYSEC-0", "modified": "2026-11-30T00:00:00Z", "summary": "reads past the end",
        "affected": [about | (affected if affected is not None else {"versions": ["2.2.0"]})],
    } | more  # fmt: skip


def database(folder: Path, *found: Any) -> Path:
    for number, one in enumerate(found):
        text = one if isinstance(one, str) else json.dumps(one)
        (folder / f"{number}.json").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("affected", "version", "hit"),
    [
        ({"versions": ["2.2.0"]}, "2.2.0", True),
        ({"versions": ["2.2"]}, "2.2.0", True),
        ({"versions": ["2.1.9", "nightly"]}, "2.2.0", False),
        (within({"introduced": "0"}), "2.2.0", True),
        (within({"introduced": "0"}, {"fixed": "2.2.0"}), "2.2.0", False),
        (within({"introduced": "0"}, {"fixed": "2.2.0"}), "2.2.0rc1", True),
        (within({"fixed": "2.2.1"}, {"introduced": "0"}), "2.2.0", True),
        (within({"introduced": "0"}, {"last_affected": "2.2.0"}), "2.2.0", True),
        (within({"introduced": "0"}, {"last_affected": "2.2.0"}), "2.2.1", False),
        (within({"introduced": "2.10"}), "2.9", False),
        (within({"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}), "2.5", False),
        (within({"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}), "3.1", True),
        (within({"introduced": "0"}, {"limit": "*"}), "2.2.0", True),
        # ranges by commit say nothing of versions, which are then listed
        ({"versions": ["1.0"]} | within({"introduced": "0"}, kind="GIT"), "2.2.0", False),
        # nothing said of versions: all of them
        ({}, "2.2.0", True),
        (within({"introduced": "0"}, kind="GIT"), "2.2.0", True),
    ],
)
def test_ranges_as_osv_means_them(affected: dict[str, Any], version: str, hit: bool) -> None:
    assert concerns(affected, version) is hit


def test_a_bound_that_is_no_version_is_a_finding_and_no_silence(tmp_path: Path) -> None:
    odd = within({"introduced": "0"}, {"fixed": "the one after"})
    with pytest.raises(InvalidVersion):
        concerns(odd, "2.2.0")
    (found,) = audit(database(tmp_path, advisory(affected=odd)), OURS).findings
    assert not found.known
    assert "cannot be judged" in str(found)


def test_names_are_normalised_and_each_version_is_looked_at(tmp_path: Path) -> None:
    hole = within({"introduced": "2.5"}, {"fixed": "2.6"})
    outcome = audit(database(tmp_path, advisory("NumPy", hole), advisory("Shapely")), OURS)
    assert [str(one) for one in outcome.findings] == [
        "numpy 2.5.5: PYSEC-0: reads past the end; mended in 2.6",
        "shapely 2.2.0: PYSEC-0: reads past the end",
    ]
    assert not list(outcome.doubts(NOW))


def test_other_packages_ecosystems_and_withdrawn_ones_are_none_of_ours(tmp_path: Path) -> None:
    npm = advisory()
    npm["affected"][0]["package"]["ecosystem"] = "npm"
    taken_back = advisory(withdrawn="2026-11-30T00:00:00Z")
    outcome = audit(database(tmp_path, npm, taken_back, advisory("other")), OURS)
    assert outcome.read == 3
    assert not outcome.findings


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "holds no advisory"),
        (["{"], "not read: 0.json: is no JSON"),
        (["[]"], "not read: 0.json: is no advisory"),
        ([advisory(affected={"versions": 3})], "not read: 0.json"),
        ([advisory(modified="yesterday")], "not read: 0.json"),
        ([advisory("other", modified=None)], "how old the database is, is not known"),
        ([advisory("other", modified="2026-10-01T00:00:00Z")], "fetch a newer database"),
    ],
)
def test_what_is_not_known_is_never_clean(tmp_path: Path, found: list[Any], said: str) -> None:
    outcome = audit(database(tmp_path, *found), OURS)
    assert any(said in doubt for doubt in outcome.doubts(NOW))


def test_the_archive_says_what_the_folder_says(tmp_path: Path) -> None:
    folder = database(tmp_path, advisory(), advisory("other"))
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.glob("*.json"):
            archive.write(path, path.name)
    assert audit(packed, OURS) == audit(folder, OURS)


def test_no_database_ends_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["advisories", str(tmp_path / "none.zip")])
    with pytest.raises(SystemExit) as ended:
        advisories.main()
    assert "none.zip" in str(ended.value)
    assert "\n" not in str(ended.value)


def test_the_whole_command_fails_on_a_hole_in_what_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, versions = next(iter(advisories.pinned().items()))
    today = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    for hole, code in ((sorted(versions), 1), (["0.0.1"], 0)):
        database(tmp_path, advisory(name, {"versions": hole}, modified=today))
        monkeypatch.setattr("sys.argv", ["advisories", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            advisories.main()
        assert ended.value.code == code
        assert ("PYSEC-0" in capsys.readouterr().out) == bool(code)

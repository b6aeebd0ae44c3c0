"""A bundle is judged by the policy it carries, whatever lies beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.resources import resource
from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import open_registry
from tests.conftest import SETTINGS, Program


@pytest.mark.parametrize("beside", [None, "version = 0\n", ""])
def test_what_lies_beside_does_not_replace_the_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], beside: str | None
) -> None:
    text = resource("data", "policies", "zhejiang.toml").read_text("utf-8")
    path = tmp_path / "crew.gpkg"
    create(path, settings=SETTINGS | {"policy_text": text})
    laid = path.with_suffix(".policy.toml")
    if beside is not None:  # of an earlier bundle, edited since, or half written by a kill
        laid.write_text(beside, "utf-8")
    with open_registry(path) as registry:
        assert Path(registry.policy).read_bytes() == text.encode()
    assert Program(path, capsys).data("integrity")["policy"].startswith("zhejiang")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [path.name, laid.name]

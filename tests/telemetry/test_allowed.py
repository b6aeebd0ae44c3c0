"""The list of gateways is read when it changes, and not for each gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant import config
from hydrant.telemetry.allowed import ENVIRONMENT, gateway_list


def test_a_list_that_changes_while_a_poller_runs_holds_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    path = tmp_path / "config.toml"
    monkeypatch.setattr(config, "config_path", lambda: path)
    assert gateway_list() is None
    path.write_text('gateways = "10.0.0.0/8"\n')
    found = gateway_list()
    assert found is not None
    assert found.holds("10.1.2.3")
    path.write_text('gateways = "192.168.0.0/16"\n')
    found = gateway_list()
    assert found is not None
    assert not found.holds("10.1.2.3")
    path.unlink()
    assert gateway_list() is None

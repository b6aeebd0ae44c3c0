"""Units, compose file and alerting rules are accepted by the tools that will read them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hydrant.cli.main import COMMANDS
from hydrant.report.health import State
from hydrant.resources import resource
from tests.conftest import Program, missing
from tests.parts import advice

OPERATIONS = resource("data", "operations")
SERVICES = sorted((OPERATIONS / "systemd").glob("*.service"))
#: Exposure that `systemd-analyze security` may find at most; 10 is a unit without any bounds.
MOST_EXPOSED = 2.0


def installed(tmp_path: Path) -> list[Path]:
    """The units as they would be installed, with a program that is there."""
    files = []
    for file in sorted((OPERATIONS / "systemd").iterdir()):
        if file.suffix in (".service", ".timer"):
            text = file.read_text("utf-8").replace("/opt/hydrant/bin/hydrant", "/bin/true")
            target = tmp_path / file.name.replace("@.", "@1.")
            target.write_text(text, "utf-8")
            files.append(target)
    return files


@pytest.mark.peer
def test_systemd_accepts_the_units(tmp_path: Path, peer: Callable[[str], str]) -> None:
    analyze, files = peer("systemd-analyze"), installed(tmp_path)
    assert len(files) >= 12
    done = subprocess.run([analyze, "verify", *files], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "hydrant" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.peer
def test_systemd_finds_the_units_closed(tmp_path: Path, peer: Callable[[str], str]) -> None:
    analyze = peer("systemd-analyze")
    for file in installed(tmp_path):
        if file.suffix != ".service":
            continue
        done = subprocess.run([analyze, "security", "--offline=true", "--no-pager", file.name,
                               f"--threshold={int(10 * MOST_EXPOSED)}"], cwd=tmp_path,
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.parametrize("file", SERVICES, ids=lambda path: path.name)
def test_units_run_commands_that_there_are(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "PASSWORD" not in text
    called = [
        line.partition("/opt/hydrant/bin/hydrant ")[2].split()[0]
        for line in text.splitlines()
        if line.startswith("ExecStart=") and "/opt/hydrant/bin/hydrant " in line
    ]
    assert set(called) <= set(COMMANDS)
    # something must start it: a timer of its own, or the system
    if file.with_suffix(".timer").exists():
        text = file.with_suffix(".timer").read_text("utf-8")
    assert "\n[Install]\nWantedBy=" in text


def test_the_unit_for_backups_makes_one_that_health_finds(program: Program, tmp_path: Path) -> None:
    text = (OPERATIONS / "systemd" / "hydrant-backup.service").read_text("utf-8")
    (line,) = [row for row in text.splitlines() if row.startswith("ExecStart=")]
    folder = tmp_path / "backups"
    folder.mkdir()
    words = line.replace("/srv/hydrant/backups", str(folder)).split()[1:]
    program.data(*words)
    checks = program("health", "--backups", folder, "--json").json["data"]["checks"]
    assert [check["state"] for check in checks if check["name"] == "backup"] == ["ok"]


@pytest.mark.peer
def test_compose_accepts_the_file(tmp_path: Path) -> None:
    """By docker's own plugin where it is, and by the tool of Debian, which CI has."""
    folder = tmp_path / "compose"
    shutil.copytree(OPERATIONS / "compose", folder)
    tools = [words for words in (["docker", "compose"], ["docker-compose"]) if works(words)]
    if not tools:
        missing(advice("docker-compose"))
    for words in tools:
        done = subprocess.run([*words, "-f", folder / "compose.yml", "config"],
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert set(yaml.safe_load(done.stdout)["services"]) == {
            "archive", "db", "worker", "listener", "health", "web",
        }  # fmt: skip


def works(words: list[str]) -> bool:
    if shutil.which(words[0]) is None:
        return False
    return subprocess.run([*words, "version"], capture_output=True, check=False).returncode == 0


def test_compose_keeps_passwords_out_and_closes_containers() -> None:
    compose = yaml.safe_load((OPERATIONS / "compose" / "compose.yml").read_text("utf-8"))
    for name, service in compose["services"].items():
        assert not [k for k in service.get("environment", {}) if k.endswith("PASSWORD")], name
        image = service.get("image", "")
        assert not image.endswith(":latest"), name
        assert ":" in image, name
        if image == "hydrant:local":
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["web"]["ports"])
    assert "ports" not in compose["services"]["db"]
    assert compose["services"]["worker"]["deploy"]["replicas"] > 1


def test_alerting_rules_name_what_health_writes(program: Program) -> None:
    rules = yaml.safe_load((OPERATIONS / "prometheus-rules.yml").read_text("utf-8"))
    written = program("health", "--metrics", "-").out
    for rule in rules["groups"][0]["rules"]:
        name = (
            rule["expr"].partition("hydrant_health")[1]
            + rule["expr"].partition("hydrant_health")[2].split("{")[0].split(" ")[0].split(")")[0]
        )
        assert f"\n{name}" in written, rule["alert"]
    words = {state.value for state in State} - {"ok"}
    told = " ".join(rule["expr"] for rule in rules["groups"][0]["rules"])
    assert all(word in told for word in words)


def test_deploy_writes_them_and_changes_nothing(program: Program, tmp_path: Path) -> None:
    told = program.data("config", "deploy", tmp_path / "o")
    assert "systemd/hydrant-poll.timer" in told["files"]
    for name in told["files"]:
        assert (tmp_path / "o" / name).read_bytes() == (OPERATIONS / name).read_bytes()
    assert program("config", "deploy", tmp_path / "o").code == 4

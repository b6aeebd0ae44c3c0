"""``hydrant db``: care for the registry file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import StoreError
from hydrant.messages import text
from hydrant.store.assets import count_assets
from hydrant.store.backup import back_up
from hydrant.store.check import check as check_registry
from hydrant.store.migrate import migrate as migrate_registry
from hydrant.store.qgis_style import put_styles
from hydrant.vocabulary import Language

h = helper("db")
app = group("db")


@command(app, "check")
def check(settings: Settings) -> Result:
    """Look the registry over: file, index, references, words, audit chain."""
    with settings.registry() as registry:
        faults = check_registry(registry)
        assets = count_assets(registry)
    lines = [text(fault.key, settings.lang, **fault.facts) for fault in faults]
    data = {
        "path": str(settings.path),
        "assets": assets,
        "faults": [{"key": fault.key, **fault.facts} for fault in faults],
    }

    def show(screen: Screen) -> None:
        for line in lines:
            screen.text(line)
        screen.line("cli_db.faulty" if lines else "cli_db.sound", count=len(lines), assets=assets)

    return Result(data, show, exit_code=1 if faults else 0)


@command(app, "migrate")
def migrate(settings: Settings) -> Result:
    """Bring an older registry up to this program's schema."""
    applied = migrate_registry(settings.path)

    def show(screen: Screen) -> None:
        screen.line("cli_db.migrated" if applied else "cli_db.current", count=len(applied))

    return Result({"applied": applied}, show)


@command(app, "backup")
def backup(settings: Settings, target: Annotated[Path, typer.Argument(help=h("target"))]) -> Result:
    """Copy the registry to another file, also while others use it."""
    size = back_up(settings.path, target)

    def show(screen: Screen) -> None:
        screen.line("cli_db.backed_up", target=target, size=f"{size:,}")

    return Result({"path": str(target), "bytes": size}, show)


@command(app, "style")
def style(settings: Settings) -> Result:
    """Renew the map styles for QGIS and QField, and write a project beside the registry."""
    with settings.registry(write=True) as registry:
        with registry.transaction(actor=settings.actor(), origin="db style"):
            put_styles(registry.connection, settings.lang)
        project = project_beside(settings.path, settings.lang)

    def show(screen: Screen) -> None:
        screen.line("cli_db.styled", project=project)

    return Result({"project": str(project), "language": str(settings.lang)}, show)


def project_beside(registry: Path, lang: Language) -> Path:
    """Write the QGIS project of a registry or bundle; raises `StoreError` where it cannot."""
    from hydrant.store.qgis_project import write_project  # noqa: PLC0415  brings PROJ

    try:
        return write_project(registry, lang)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(
            "store.cannot_create", file=registry.with_suffix(".qgz"), why=why
        ) from None

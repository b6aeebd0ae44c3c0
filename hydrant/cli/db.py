"""``hydrant db``: care for the registry file."""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hydrant import times
from hydrant.cli import db_backup, db_publish
from hydrant.cli.db_faults import faults_data, show_faults
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_at_hand
from hydrant.errors import CommandLineError, StoreError
from hydrant.store.care.check import Fault, damaged
from hydrant.store.care.check import check as check_registry
from hydrant.store.care.copying import copy_registry
from hydrant.store.care.mending import Mended, mend
from hydrant.store.care.roles import set_roles, with_roles
from hydrant.store.facts.assets import count_assets
from hydrant.store.file.migrate import migrate as migrate_registry
from hydrant.store.ground.location import locate, readings_path
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs.check_seals import SealCheck, check_seals, total_rows
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.readings.retention import forget_runs, kept
from hydrant.store.readings.retention import retain as retain_readings
from hydrant.store.regions.regions import find_region
from hydrant.vocabulary import Language

if TYPE_CHECKING:
    from hydrant.store.care.repair import Repaired

h = helper("db")
app = group("db")
db_backup.add_to(app)


@command(app, "check")
def check(
    settings: Settings,
    *,
    repair: Annotated[bool, typer.Option("--repair", help=h("repair"))] = False,
    no_seals: Annotated[bool, typer.Option("--no-seals", help=h("no_seals"))] = False,
) -> Result:
    """Look the registry over: file, index, references, words, readings, audit chain, seals."""
    with settings.registry() as registry:
        faults, assets = _looked_over(settings, registry)
        # where the file is damaged, the seals would tell the same in other words
        seals = None if no_seals or damaged(faults) else _check_seals(settings, registry)
    unsealed = [] if seals is None else [Fault(*fault) for fault in seals.faults]
    if repair:
        return _repair(settings, faults, assets, unsealed)
    return _checked(settings, [*faults, *unsealed], assets, seals)


def _looked_over(settings: Settings, registry: Registry) -> tuple[list[Fault], int]:
    """What is wrong with a registry, and how many assets it has."""
    with settings.progress("cli_common.working"):
        faults = check_registry(registry)
        assets = count_assets(registry)
    if not faults:
        remark_at_hand(settings, registry)
    return faults, assets


def _checked(
    settings: Settings, found: list[Fault], assets: int, seals: SealCheck | None
) -> Result:
    data = {
        "path": str(settings.path),
        "assets": assets,
        "faults": faults_data(found, settings.lang),
        "sealed_rows": None if seals is None else seals.rows,
        "waiting": None if seals is None else seals.waiting,
    }

    def show(screen: Screen) -> None:
        show_faults(screen, found)
        key = "cli_db.sound" if seals is not None else "cli_db.sound_unsealed"
        screen.line("cli_db.faulty" if found else key, count=len(found), assets=assets)

    waiting = 0 if seals is None else seals.waiting
    notes = (Note.of("cli_db.seals_wait", count=waiting),) if waiting else ()
    return Result(data, show, notes, exit_code=1 if found else 0)


def _check_seals(settings: Settings, registry: Registry) -> SealCheck:
    with settings.progress("cli_audit.verifying", total_rows(registry)) as advance:
        return check_seals(registry, advance=advance)


def _repair(settings: Settings, faults: list[Fault], assets: int, unsealed: list[Fault]) -> Result:
    """Make a repaired copy, or repair on the server; unsealed rows stay so."""
    data: dict[str, Any] = {
        "path": str(settings.path),
        "assets": assets,
        "faults": faults_data([*faults, *unsealed], settings.lang),
    }
    if not faults and unsealed:

        def underivable(screen: Screen) -> None:
            show_faults(screen, unsealed)
            screen.line("cli_db.not_derivable", count=len(unsealed))

        left = faults_data(unsealed, settings.lang)
        return Result(data | {"repaired": None, "left": left}, underivable, exit_code=1)
    if not faults:

        def whole(screen: Screen) -> None:
            screen.line("cli_db.nothing_to_repair", assets=assets)

        return Result(data | {"repaired": None, "left": []}, whole)
    from hydrant.store.care.repair import repair  # noqa: PLC0415  rarely needed; brings the styles

    with settings.progress("cli_common.working"):
        done = repair(settings.path, lang=settings.lang)
    return _repaired(settings, [*faults, *unsealed], done, unsealed, data)


def _repaired(
    settings: Settings,
    faults: list[Fault],
    done: Repaired,
    unsealed: list[Fault],
    data: dict[str, Any],
) -> Result:
    line = None if done.path == settings.path else _restoring_line(settings, done)
    # no fact was written, so what differed from its seal does so still
    done = replace(done, left=[*done.left, *unsealed])

    def show(screen: Screen) -> None:
        show_faults(screen, faults)
        key = "cli_db.repaired_there" if line is None else "cli_db.repaired"
        count = len(faults) - len(done.left)
        screen.line(key, count=count, file=done.path, digest=done.digest[:16])
        if done.left:
            screen.line("cli_db.left", count=len(done.left))
            show_faults(screen, done.left)
        if line is not None:
            screen.line("cli_db.put_in_place", line=line)

    left = faults_data(done.left, settings.lang)
    data |= {"repaired": str(done.path), "left": left, "digest": done.digest, "put_in_place": line}
    return Result(data, show, exit_code=1 if done.left else 0)


def _restoring_line(settings: Settings, done: Repaired) -> str:
    words = ["hydrant", "db", "restore", str(done.path), "--db", str(settings.path)]
    return shlex.join([*words, "--anyway"] if done.left else words)


@command(app, "migrate")
def migrate(settings: Settings) -> Result:
    """Bring an older registry up to this program's schema."""
    applied = migrate_registry(settings.path)
    with settings.registry(write=True) as registry:
        mended = mend(registry, actor=settings.actor())

    data = {"applied": applied, "mended": [asdict(one) for one in mended]}
    return Result(data, lambda screen: _show_migrated(screen, applied, mended))


def _show_migrated(screen: Screen, applied: list[int], mended: list[Mended]) -> None:
    screen.line("cli_db.migrated" if applied else "cli_db.current", count=len(applied))
    for one in mended:
        why = screen.t(f"store.rows_{one.what}")
        key = "cli_db.mended" if one.from_log else "cli_db.mended_in_order"
        screen.line(key, asset=one.code or one.uid, what=why)


@command(app, "copy")
def copy(
    settings: Settings,
    source: Annotated[str, typer.Argument(metavar="FROM", help=h("copy_from"))],
    target: Annotated[str, typer.Argument(metavar="TO", help=h("copy_to"))],
) -> Result:
    """Copy a whole registry to a file or a server, and prove the copy equal."""
    left, came = locate(source), locate(target)
    with settings.progress("cli_db.copying") as advance:
        copied = copy_registry(left, came, advance=advance)
    rows = sum(copied.rows.values())

    def show(screen: Screen) -> None:
        screen.line("cli_db.copied", target=came, rows=f"{rows:,}", digest=copied.digest[:16])

    data = {"from": str(left), "to": str(came), "rows": copied.rows, "digest": copied.digest}
    return Result(data, show)


@command(app, "retain")
def retain(
    settings: Settings,
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=db_backup.MOST_DAYS, help=h("days"))],
) -> Result:
    """Sum up old readings by the hour and drop them, and forget the polls that made them."""
    since = (times.now() - dt.timedelta(days=days)).date()
    with open_readings(readings_path(settings.path)) as store:
        dropped = retain_readings(store, since=since)
        runs = forget_runs(store, since=since)
        stay = kept(store, since=since)

    def show(screen: Screen) -> None:
        screen.line("cli_db.retained", rows=f"{dropped:,}", day=since.isoformat())
        if stay:
            screen.line("cli_db.kept_for_alarms", count=f"{stay:,}")
        if runs:
            screen.line("cli_db.runs_forgotten", count=f"{runs:,}")

    return Result(
        {"dropped": dropped, "kept": stay, "runs": runs, "since": since.isoformat()}, show
    )


@command(app, "roles")
def roles(
    settings: Settings,
    member: Annotated[str | None, typer.Argument(help=h("member"))] = None,
    *,
    role: Annotated[str | None, typer.Option("--as", help=h("role"))] = None,
    region: Annotated[list[str] | None, typer.Option("--region", help=h("role_region"))] = None,
    remove: Annotated[bool, typer.Option("--remove", help=h("role_remove"))] = False,
) -> Result:
    """Make the roles on a server, and let a login belong to one of them, or no more."""
    if (member is None) != (role is None) and not (remove and member is not None):
        raise CommandLineError("cli_db.member_and_role")
    if remove and member is None:
        raise CommandLineError("cli_db.remove_from")
    given = _codes(settings, region or [])
    now = set_roles(settings.path, member=member, role=role, regions=given, remove=remove)

    def show(screen: Screen) -> None:
        screen.line("cli_db.roles_made", place=settings.path)
        for what in now.everybodys:
            screen.line("cli_db.everybodys", what=what)
        if member is not None:
            words = {"roles": ", ".join(now.roles), "regions": ", ".join(now.regions)}
            key = "joined" if now.roles else "in_no_role"
            screen.line(f"cli_db.{key}", member=member, **words)

    data = {"member": member, "role": role, "roles": now.roles, "regions": now.regions}
    return Result({**data, "everybodys": now.everybodys}, show)


def _codes(settings: Settings, named: list[str]) -> list[str]:
    """Codes of regions that a person names."""
    if not named:
        return named
    with_roles(settings.path)
    with settings.registry() as registry:
        return [find_region(registry, name).code for name in named]


@command(app, "style")
def style(settings: Settings) -> Result:
    """Renew the map styles for QGIS and QField, and write a project beside the registry."""
    with settings.writing() as writer:
        writer.registry.backend.put_styles(settings.lang)
    project = project_beside(settings.path, settings.lang)

    def show(screen: Screen) -> None:
        screen.line("cli_db.styled", project=project)

    return Result({"project": str(project), "language": str(settings.lang)}, show)


def project_beside(registry: Place, lang: Language) -> Path:
    """Write the QGIS project of a registry or bundle; raises `StoreError` where it cannot."""
    from hydrant.store.views.qgis_project import write_project  # noqa: PLC0415  brings PROJ

    try:
        return write_project(registry, lang)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(
            "store.cannot_create", file=registry.with_suffix(".qgz"), why=why
        ) from None


db_publish.add_to(app)

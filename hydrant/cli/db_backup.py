"""``hydrant db backup``, ``verify``, ``restore``: copies that are known to be good."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import private, times
from hydrant.cli.db_faults import faults_data, show_faults
from hydrant.cli.frame import Note, Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_at_hand
from hydrant.errors import CommandLineError, StoreError
from hydrant.messages import text
from hydrant.store.care import rotation
from hydrant.store.care.backup import back_up
from hydrant.store.care.restoring import restore as restore_backup
from hydrant.store.care.verifying import Verified, verify_backup
from hydrant.store.ground.place import Server

h = helper("db_backup")

TargetArgument = Annotated[Path, typer.Argument(metavar="FILE_OR_FOLDER", help=h("target"))]
DaysOption = Annotated[int | None, typer.Option("--days", min=1, help=h("days"))]
WeeksOption = Annotated[int | None, typer.Option("--weeks", min=0, help=h("weeks"))]
NoSealsOption = Annotated[bool, typer.Option("--no-seals", help=h("no_seals"))]
BackupArgument = Annotated[Path, typer.Argument(metavar="BACKUP", help=h("backup_file"))]


def backup(
    settings: Settings,
    target: TargetArgument,
    *,
    days: DaysOption = None,
    weeks: WeeksOption = None,
) -> Result:
    """Back the registry up with its readings, also while others use it."""
    is_file = target.suffix.lower() == ".gpkg" and not target.is_dir()
    if is_file and (days is not None or weeks is not None):
        raise CommandLineError("cli_db_backup.folder_only")
    file = target if is_file else _in_folder(settings, target)
    with settings.progress("cli_common.working"):
        made = back_up(settings.path, file)
    rotate = days is not None or weeks is not None
    dropped = _rotated(settings, target, days or 0, weeks or 0) if rotate else []
    with suppress(StoreError), settings.registry(hurry=True) as registry:
        remark_at_hand(settings, registry)  # of one that has to be migrated first nothing is said

    def show(screen: Screen) -> None:
        screen.line("cli_db_backup.backed_up", target=made.path, size=f"{made.bytes:,}",
                    rows=f"{made.rows:,}", digest=made.digest[:16])  # fmt: skip
        if made.readings is not None:
            screen.line("cli_db_backup.readings_too", target=made.readings)
        for path in dropped:
            screen.line("cli_db_backup.dropped", file=path)

    data = {
        "path": str(made.path),
        "readings": None if made.readings is None else str(made.readings),
        "bytes": made.bytes,
        "rows": made.rows,
        "digest": made.digest,
        "dropped": [str(path) for path in dropped],
    }
    return Result(data, show, _remarks(settings))


def _in_folder(settings: Settings, folder: Path) -> Path:
    try:
        private.folder(folder)
    except OSError as error:
        raise StoreError("store.cannot_create", file=folder, why=error.strerror) from None
    return folder / rotation.name_for(_stem(settings), times.now())


def _stem(settings: Settings) -> str:
    return settings.path.stem


def _rotated(settings: Settings, folder: Path, days: int, weeks: int) -> list[Path]:
    """Drop what is no longer wanted, now that the newest is known to be good."""
    found = rotation.backups_in(folder, _stem(settings))
    with settings.registry(hurry=True) as registry:
        zone = registry.zone
    dropped = rotation.superseded(found, days=days, weeks=weeks, local=zone)
    for path in dropped:
        rotation.remove(path)
    return dropped


def _remarks(settings: Settings) -> tuple[Note, ...]:
    if isinstance(settings.path, Server):
        return (Note.of("cli_db_backup.server"),)
    photos = settings.path.with_suffix(".photos")
    return (Note.of("cli_db_backup.photos", folder=photos),) if photos.is_dir() else ()


def verify(settings: Settings, file: BackupArgument, *, no_seals: NoSealsOption = False) -> Result:
    """Try an old backup: its sum, its file, its content, its seals."""
    with settings.progress("cli_common.working") as advance:
        found = verify_backup(file, seals=not no_seals, advance=advance)
    faults = [*found.faults, *found.unsealed]

    def show(screen: Screen) -> None:
        show_faults(screen, faults)
        key = "good" if found.summed else "good_unsummed"
        if faults:
            key = "bad" if found.faults else "unsealed"
        screen.line(f"cli_db_backup.{key}", **_verified_data(settings, found), count=len(faults))
        if found.sealed is None and not faults:
            screen.line("cli_db_backup.seals_left_out")

    data = _data(found) | {"faults": faults_data(faults, settings.lang)}
    return Result(data, show, exit_code=1 if faults else 0)


def _verified_data(settings: Settings, found: Verified) -> dict[str, object]:
    until = found.until or text("cli_db_backup.never", settings.lang)
    readings = 0 if found.readings is None else found.readings
    return {"file": found.path, "assets": f"{found.assets:,}", "rows": f"{found.rows:,}",
            "until": until, "readings": f"{readings:,}"}  # fmt: skip


def _data(found: Verified) -> dict[str, Any]:
    return {
        "path": str(found.path),
        "sum_kept": found.summed,
        "assets": found.assets,
        "rows": found.rows,
        "until": found.until,
        "schema": found.version,
        "readings": found.readings,
        "sealed_rows": found.sealed,
    }


def restore(
    settings: Settings,
    file: BackupArgument,
    *,
    anyway: Annotated[bool, typer.Option("--anyway", help=h("anyway"))] = False,
    no_seals: NoSealsOption = False,
) -> Result:
    """Put a backup in the place of the registry; what was there is kept beside it."""
    with settings.progress("cli_common.working") as advance:
        done = restore_backup(
            file, settings.path, anyway=anyway, seals=not no_seals, advance=advance
        )

    def show(screen: Screen) -> None:
        screen.line(
            "cli_db_backup.restored", place=done.path, **_verified_data(settings, done.backup)
        )
        if done.kept is not None:
            screen.line("cli_db_backup.kept", file=done.kept)
        if done.digest is not None:
            screen.line("cli_db_backup.equal", digest=done.digest[:16])

    kept = None if done.kept is None else str(done.kept)
    data = {"restored": str(done.path), "kept": kept, "digest": done.digest}
    notes: tuple[Note, ...] = ()
    if done.digest is not None:
        notes += (Note.of("cli_db_backup.roles_again"),)
    if done.backup.unsealed:
        notes += (Note.of("cli_db_backup.unsealed_now", count=len(done.backup.unsealed)),)
    return Result(_data(done.backup) | data, show, notes)


def add_to(app: typer.Typer) -> None:
    """Make these commands part of ``hydrant db``."""
    for name, function in (("backup", backup), ("verify", verify), ("restore", restore)):
        command(app, name)(function)

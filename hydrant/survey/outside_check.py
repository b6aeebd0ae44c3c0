"""Takes in what other programs changed as a registry is opened, and says so."""

from __future__ import annotations

from hydrant.errors import Phrase, StoreError
from hydrant.messages import Note
from hydrant.store.opened.due_rows import rows_due
from hydrant.store.opened.outside import edits_wait
from hydrant.store.opened.registry import Registry, open_registry

_TAKEN = "cli_common.outside_taken"


def take_outside_edits(registry: Registry, notes: list[Note], *, write: bool, hurry: bool) -> None:
    """Record pending edits, now and before each transaction; what became of it goes to `notes`."""

    def remark(waiting: int) -> bool:
        made = _note(registry, waiting, write=write, hurry=hurry)
        if made not in notes:
            notes.append(made)
        return made.key == _TAKEN

    waiting = edits_wait(registry)
    if waiting:
        remark(waiting)
    elif not (write or hurry) and rows_due(registry):
        _bring_up(registry)
    if write:
        registry.triage = remark


def _bring_up(registry: Registry) -> None:
    """Let rows whose announced day has come be those of today.

    Where that cannot be, figures follow the dates all the same.
    """
    from hydrant.store.opened.transactions import transaction  # noqa: PLC0415  `near` needs no SQLModel

    try:
        with (
            open_registry(registry.path, write=True) as writable,
            transaction(writable, actor="hydrant", origin="announced"),
        ):
            pass  # a transaction brings them up as it begins
    except StoreError:  # a read-only medium, a lock, a login that may not
        return


def _note(registry: Registry, waiting: int, *, write: bool, hurry: bool) -> Note:
    """What became of the changes, as a remark beside the command's result.

    A registry that is open for reading only is opened once more for this, so that no figure is
    made of unchecked changes; where that cannot be, the remark says so. On a server that is
    where the login's role may not write the audit log of every region.
    """
    if hurry:
        return Note.of("cli_common.outside_wait", count=waiting)
    from hydrant.survey.outside_triage import take_in  # noqa: PLC0415  incidents do not wait for it

    try:
        if write:
            taken = take_in(registry)
        else:
            with open_registry(registry.path, write=True) as writable:
                taken = take_in(writable)
    except StoreError as error:
        if error.key == "server.denied":
            return Note.of("cli_common.outside_server", count=waiting)
        # who is at work in the database holds up what is theirs, not everybody
        if write and not (registry.backend.shared and error.key == "store.locked"):
            raise
        why = Phrase(error.key, error.facts)
        return Note.of("cli_common.outside_stuck", count=waiting, why=why)
    return Note.of(_TAKEN, rows=taken.rows, waiting=taken.waiting)

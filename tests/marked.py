"""Puts what a run found between two marks of a page, and leaves the words around them alone."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, command: str, found: str) -> None:
    """Replace what a command wrote before, or add it at the end of the page.

    Parameters
    ----------
    command
        What writes it, as its user gives it.
    """
    begin = f"<!-- written by `{command}`; do not edit -->"
    end = f"<!-- end of what `{command}` writes -->"
    text = page.read_text("utf-8")
    head, _, tail = text.partition(begin)
    _, _, after = tail.partition(end)
    made = f"{head.rstrip()}\n\n{begin}\n\n{found}\n{end}\n"
    page.write_text(made + (f"\n{after.strip()}\n" if after.strip() else ""), "utf-8")

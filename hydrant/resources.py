"""Finds the files that travel with the package: data/, drivers/ and schemas/.

In an installed wheel they lie inside the package; in a checkout beside it.
"""

from __future__ import annotations

from pathlib import Path

from hydrant.errors import HydrantError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, for example ``resource("data", "policies")``.

    Raises
    ------
    HydrantError
        Nothing of that name is shipped: the installation is damaged.
    """
    for root in (_PACKAGE, _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise HydrantError("resources.missing", name="/".join(parts))

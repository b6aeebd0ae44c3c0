"""How many connections may be open at once, so that a poll never runs out of file handles."""

from __future__ import annotations

import sys

#: Left for databases, files, standard streams and whatever the process holds already.
_RESERVED = 64
#: Windows has no limit that a poll could meet; this keeps a cycle within reason.
_UNLIMITED = 8192


def most_connections(wanted: int) -> int:
    """Connections to hold at once for a number of gateways; raises the soft limit if it may."""
    return max(1, min(wanted, _allowed(wanted) - _RESERVED))


if sys.platform == "win32":

    def _allowed(wanted: int) -> int:
        del wanted
        return _UNLIMITED

else:
    import resource

    def _allowed(wanted: int) -> int:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = min(wanted, _UNLIMITED) + 2 * _RESERVED
        if soft == resource.RLIM_INFINITY:
            return _UNLIMITED
        if soft >= needed:
            return soft
        target = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        except (OSError, ValueError):
            return soft
        return target

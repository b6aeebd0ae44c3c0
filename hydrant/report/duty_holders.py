"""Whether somebody bears a duty on record at all."""

from __future__ import annotations

from hydrant.close_words import close_words
from hydrant.errors import InputRefused
from hydrant.store.opened.registry import Registry
from hydrant.store.views.todo_facts import duty_holders


def known_holder(registry: Registry, name: str) -> str:
    """The name of a duty holder.

    Raises
    ------
    InputRefused
        Nobody on record bears it: no work would read as all done.
    """
    known = duty_holders(registry)
    if name not in known:
        close = close_words(name, known)
        if not close:
            raise InputRefused("todo.no_holder", name=name)
        raise InputRefused("todo.unknown_holder", name=name, close=", ".join(close))
    return name

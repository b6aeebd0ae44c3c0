"""A registry of everything a fire engine can draw water from.

What programs may use stands in `__all__` and is told of in ``docs/how-to/python.md``. It is loaded
when it is first named: the program itself starts without it.
"""

# known to type checkers by its name; the module `typing` would have to be loaded
TYPE_CHECKING = False
if TYPE_CHECKING:
    from hydrant.api import Registry, ResultWarning, open_registry
    from hydrant.errors import (
        AlreadyRunning,
        AmbiguousCode,
        HydrantError,
        InputRefused,
        StoreError,
    )
    from hydrant.exchange.imported import Imported, RefusedRow
    from hydrant.store.opened.order_in_doubt import InDoubt

__version__ = "0.1.0"
__all__ = [
    "AlreadyRunning",
    "AmbiguousCode",
    "HydrantError",
    "Imported",
    "InDoubt",
    "InputRefused",
    "RefusedRow",
    "Registry",
    "ResultWarning",
    "StoreError",
    "__version__",
    "open_registry",
]

_MODULES = {
    "hydrant.api": ("Registry", "ResultWarning", "open_registry"),
    "hydrant.errors": (
        *("AlreadyRunning", "AmbiguousCode", "HydrantError", "InputRefused", "StoreError"),
    ),
    "hydrant.exchange.imported": ("Imported", "RefusedRow"),
    "hydrant.store.opened.order_in_doubt": ("InDoubt",),
}

if not TYPE_CHECKING:

    def __getattr__(name):
        """Load what is offered when it is named (PEP 562)."""
        for module, names in _MODULES.items():
            if name in names:
                from importlib import import_module  # noqa: PLC0415  see above

                return getattr(import_module(module), name)
        raise AttributeError(f"module 'hydrant' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

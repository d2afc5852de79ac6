"""Every error that liverseg raises on purpose.

    LiversegError
    ├── InputError          a file, folder or option is not what was asked for
    ├── GeometryError       two things do not share a place (also a ValueError)
    ├── MeasurementError    a number cannot be computed from what is there
    │   └── EmptyLabelError     a label holds no voxel
    ├── CaseError           a case file is damaged, newer, locked or missing a part
    ├── InteropError        an object of another program cannot be read or written
    ├── ExtensionError      an extension broke its contract
    └── CancelledError      slow work was stopped by the one who asked for it

Each says what is wrong, where, and what to try. The command line prints
exactly ``str(error)`` and exits with 2.
"""

from __future__ import annotations


class LiversegError(Exception):
    """Root of all errors raised on purpose.

    >>> str(LiversegError("mask is empty", where="lesion L2", remedy="draw it first"))
    'mask is empty | where: lesion L2 | try: draw it first'
    """

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"where: {self.where}")
        if self.remedy:
            parts.append(f"try: {self.remedy}")
        return " | ".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default pickling of exceptions,
        # which would hide the error when it crosses a process border.
        return _rebuild, (type(self), self.what, self.where, self.remedy)


def _rebuild(
    kind: type[LiversegError], what: str, where: str | None, remedy: str | None
) -> LiversegError:
    return kind(what, where=where, remedy=remedy)


class InputError(LiversegError):
    """A file, folder or option is not what was asked for."""


class GeometryError(LiversegError, ValueError):
    """Two things that should share a place in the body do not, or a grid is not regular."""


class MeasurementError(LiversegError):
    """A number cannot be computed from what is there."""


class EmptyLabelError(MeasurementError):
    """A label holds no voxel."""


class CaseError(LiversegError):
    """A case file is damaged, newer than this program, locked, or misses a part."""


class InteropError(LiversegError):
    """An object of another program cannot be read or written."""


class ExtensionError(LiversegError):
    """An extension broke its contract."""


class CancelledError(LiversegError):
    """Slow work was stopped by the one who asked for it; what it left is said."""

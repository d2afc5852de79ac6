"""Find the series that the user wants to keep whole: the undo of a split."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from liverseg.errors import InputError
from liverseg.ingest.plane import Plane


def series_to_keep(names: Collection[str], groups: Mapping[str, Sequence[Plane]]) -> frozenset[str]:
    """Keys of the series that `names` mean: by key, UID, number, description, in this order.

    The key of a volume of a split series ("1.2.3#2") means that series. Raises
    `InputError` for a name that fits no series or several.
    """
    return frozenset(_find(name.strip(), groups) for name in names)


def _find(asked: str, groups: Mapping[str, Sequence[Plane]]) -> str:
    series = asked.rpartition("#")[0] if asked.rpartition("#")[2].isdecimal() else asked
    readings = (
        [key for key in groups if key in (asked, series)],
        [key for key, planes in groups.items() if str(planes[0].file.number) == asked],
        [
            key
            for key, planes in groups.items()
            if asked and planes[0].file.description.casefold() == asked.casefold()
        ],
    )
    fitting = next((found for found in readings if found), [])
    if len(fitting) == 1:
        return fitting[0]
    listed = fitting or list(groups)
    raise InputError(
        f'"{asked}" names {len(fitting)} series' if fitting else f'there is no series "{asked}"',
        where="--keep-whole SERIES",
        remedy="name one by its key: " + "; ".join(listed[:12]) if listed else "see the ledger",
    )

"""Several images at each position and nothing but time or number to tell the volumes apart.

Equal times are not asked for: a volume may straddle a second. The repeats of each
position are ordered; then it is checked that the order holds across positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from liverseg.ingest.plane import Plane

_TIMES = ("AcquisitionTime", "ContentTime", "InstanceNumber")
Key = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Ranked:
    """Planes of each volume, earliest volume first, and the attribute that ordered them."""

    volumes: tuple[tuple[Plane, ...], ...]
    label: str


def order_repeats(places: Sequence[Sequence[Plane]]) -> Ranked | str:
    """The k-th repeat of every position as volume k, or the reason why that is unsafe.

    Needs the same number of images at each position, an order at each position without
    ties, and either whole volumes one after the other or whole positions one after the
    other: with anything between, the k-th images need not belong together.
    """
    counts = Counter(len(place) for place in places)
    if len(counts) > 1:
        listed = ", ".join(f"{n} at {times}" for n, times in sorted(counts.items()))
        return f"the positions repeat unequally (images at number of positions: {listed})"
    ordered = [sorted(place, key=_key) for place in places]
    if any(_key(a) == _key(b) for place in ordered for a, b in pairwise(place)):
        return "nothing tells the images at one position apart (times and numbers are equal)"
    volumes = list(zip(*ordered, strict=True))
    if not (_one_after_the_other(volumes) or _one_after_the_other(ordered)):
        return "the times of the repeats run into each other across positions"
    return Ranked(tuple(tuple(volume) for volume in volumes), f"order of {_decider(ordered)}")


def _key(plane: Plane) -> Key:
    return tuple(plane.number(name) for name in _TIMES)


def _one_after_the_other(groups: Sequence[Sequence[Plane]]) -> bool:
    """Whether the groups' spans of time do not overlap."""
    spans = sorted((min(map(_key, group)), max(map(_key, group))) for group in groups)
    return all(before[1] < after[0] for before, after in pairwise(spans))


def _decider(ordered: Sequence[Sequence[Plane]]) -> str:
    """The first attribute that differs at every position."""
    for name in _TIMES:
        if all(len({plane.number(name) for plane in place}) == len(place) for place in ordered):
            return name
    return ", ".join(_TIMES)

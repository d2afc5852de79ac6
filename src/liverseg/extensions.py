"""Delineators of other packages: what they must offer, and how they are found.

A package registers one under the entry point group ``liverseg.segmenters``::

    [project.entry-points."liverseg.segmenters"]
    my-network = "my_package:MyNetwork"

`liverseg.testing.check_segmenter` is the contract it must pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, runtime_checkable

from liverseg.errors import ExtensionError
from liverseg.geometry import LabelMap
from liverseg.records import PhaseImage, Stroke

SEGMENTERS = "liverseg.segmenters"


@runtime_checkable
class Segmenter(Protocol):
    """Values in, values out: strokes on aligned images become a mask.

    `name` and `version` are provenance. `delineate` returns label 1 = the lesion on the
    grid of the first image. It must not change its input, must give the same mask for the
    same input, and raises `LiversegError` where it cannot do its work.
    """

    name: str
    version: str

    def delineate(
        self,
        images: Sequence[PhaseImage],
        strokes: Sequence[Stroke],
        *,
        liver: LabelMap | None = None,
    ) -> LabelMap:
        """The lesion that `strokes` (LPS mm, frame of the first image) mark."""
        ...


@dataclass(frozen=True)
class FoundSegmenter:
    """An installed segmenter, or the reason why it cannot be used."""

    name: str
    package: str
    segmenter: Segmenter | None
    reason: str = ""


def find_segmenters(entries: Sequence[EntryPoint] | None = None) -> tuple[FoundSegmenter, ...]:
    """Every registered segmenter in order of name; a broken one is listed with its reason.

    `entries` are those of the installed packages unless given.
    """
    if entries is None:
        entries = tuple(entry_points(group=SEGMENTERS))
    return tuple(_load(entry) for entry in sorted(entries, key=lambda entry: entry.name))


def segmenter_named(name: str, found: Sequence[FoundSegmenter] | None = None) -> Segmenter:
    """The segmenter of this name. Raises `ExtensionError` with what there is instead."""
    found = find_segmenters() if found is None else found
    for item in found:
        if item.name == name and item.segmenter is not None:
            return item.segmenter
        if item.name == name:
            raise ExtensionError(
                f"segmenter {name} cannot be used: {item.reason}",
                where=item.package,
                remedy="repair or remove the package",
            )
    names = ", ".join(item.name for item in found if item.segmenter is not None) or "none"
    raise ExtensionError(f"there is no segmenter {name}", remedy=f"installed are: {names}")


def _load(entry: EntryPoint) -> FoundSegmenter:
    package = entry.dist.name if entry.dist is not None else entry.value.partition(":")[0]
    # A foreign package may fail in any way while it is imported; none of them may stop us.
    try:
        made = entry.load()
        segmenter = made() if isinstance(made, type) else made
    except (Exception, SystemExit) as problem:  # noqa: BLE001
        reason = f"{type(problem).__name__}: {problem}".strip().splitlines()[0]
        return FoundSegmenter(entry.name, package, None, reason)
    if not isinstance(segmenter, Segmenter):
        lacks = [name for name in ("name", "version", "delineate") if not hasattr(segmenter, name)]
        return FoundSegmenter(entry.name, package, None, f"it has no {', '.join(lacks)}")
    return FoundSegmenter(entry.name, package, segmenter)

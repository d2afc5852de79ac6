"""Slices of one series have nearly equal headers: what was worked out for one holds for all.

The result of judging a header depends only on the elements that were asked for while it
was judged. So a later file in which all of these are equal, byte for byte, but those that
name the slice itself, is judged alike; only the latter are read from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.ingest import fields
from liverseg.ingest.header_tags import META_TAGS, TAGS
from liverseg.ingest.header_walk import WalkedHeader
from liverseg.ingest.opened import OpenedFile
from liverseg.ingest.plane import Plane
from liverseg.ingest.quick import changed
from liverseg.ingest.walk import FoundFile
from liverseg.records import Doubt

#: What may differ between siblings; none of it decides what becomes of a readable file.
_OWN = (
    "SOPInstanceUID",
    "ImagePositionPatient",
    "InstanceNumber",
    "AcquisitionTime",
    "ContentTime",
)
_OWN_TAGS = frozenset(TAGS[keyword] for keyword in _OWN)
_TIMES = ("AcquisitionTime", "ContentTime")
_MOST_LAYOUTS, _MOST_EACH = 4, 256

Key = tuple[bytes | None, ...]


@dataclass(frozen=True, eq=False)
class _Layout:
    """Headers whose judging asked for the same tags, by the raw values of these."""

    asked: tuple[int, ...]
    planes: dict[Key, Plane]


class Siblings:
    """Single-frame headers seen so far, a few hundred at most."""

    def __init__(self) -> None:
        self._layouts: list[_Layout] = []

    def planes_of(self, opened: OpenedFile, found: FoundFile) -> tuple[Plane, ...] | None:
        """The plane of a file that has a known sibling, else None."""
        for layout in self._layouts:
            known = layout.planes.get(_key(opened, layout.asked))
            if known is not None:
                own = _like(known, opened, found)
                return None if own is None else (own,)
        return None

    def remember(self, opened: OpenedFile, planes: object) -> None:
        """Keep a judged file for its siblings, where it is a plain single-frame image."""
        if not isinstance(planes, tuple) or len(planes) != 1 or planes[0].frame is not None:
            return
        header: WalkedHeader = opened.dataset
        if not header.asked >= _OWN_TAGS:
            return  # Then what stands for one of them came from another element.
        asked = tuple(sorted(header.asked - _OWN_TAGS))
        layout = next((one for one in self._layouts if one.asked == asked), None)
        if layout is None:
            layout = _Layout(asked, {})
            self._layouts = [layout, *self._layouts[: _MOST_LAYOUTS - 1]]
        if len(layout.planes) >= _MOST_EACH:
            layout.planes.clear()
        layout.planes[_key(opened, asked)] = planes[0]


def _key(opened: OpenedFile, asked: tuple[int, ...]) -> Key:
    header: WalkedHeader = opened.dataset
    assert header.file_meta is not None
    meta = header.file_meta.elements
    # Which pixel element follows (of integers or floats) is part of it.
    kind = opened.pixel_head[:4]
    return (*map(header.elements.get, asked), *map(meta.get, META_TAGS), kind)


def _like(known: Plane, opened: OpenedFile, found: FoundFile) -> Plane | None:
    """The plane of `opened` made from its sibling's, None where that is not safe."""
    header: WalkedHeader = opened.dataset
    stored = known.stored
    position = fields.numbers(header, "ImagePositionPatient", 3)
    if position is None or stored is None:
        return None
    moments = {name: fields.time_of_day_s(fields.text(header, name)) for name in _TIMES}
    if any((moments[name] is None) != (known.marks[name] is None) for name in _TIMES):
        return None  # Then the time comes from another element.
    rows, columns = stored.shape
    extent = opened.extent_of(rows * columns * int(stored.dtype[2:]), 1)
    if extent.missing:
        return None
    file = known.file
    uid = fields.text(header, "SOPInstanceUID")
    doubts = tuple(Doubt(doubt.reason, found.name) for doubt in file.doubts)
    return changed(
        known,
        file=changed(
            file,
            path=str(found.path.absolute()),
            name=found.name,
            sop_instance_uid=uid,
            doubts=doubts,
        ),
        position=position,
        marks={
            **known.marks,
            **moments,
            "InstanceNumber": fields.whole(header, "InstanceNumber"),
        },
        stored=changed(
            stored,
            size=opened.facts.size,
            changed_ns=opened.facts.changed_ns,
            pieces=extent.frames[0] if extent.frames else (),
        ),
    )

"""`SegmentDesk`: dividing the liver, correcting the borders, planning a remnant. No Qt.

A change goes the same way as a stroke on a lesion: the worker computes it and writes it
through the library. The map is shown as soon as it is made, numbers follow when they are
stored. Where a person is faster than the worker only the last change is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from liverseg.couinaud import (
    Landmarks,
    landmark_places,
    missing_landmarks,
    plan_remnant,
    read_landmarks,
)
from liverseg.errors import LiversegError
from liverseg.geometry import LabelMap, Point
from liverseg.records import Remnant
from napari_liverseg.bench import Bench
from napari_liverseg.segment_layers import SegmentLayers
from napari_liverseg.state import LandmarkRow, SegmentRow, landmark_rows, segment_rows
from napari_liverseg.store import ChangedElsewhereError, Segments, Written

PLACES = landmark_places()
#: What is not saved when a map, or the landmarks of one, could not be written.
SEGMENTS = "the segment map"


class SegmentDesk:
    """The segments of the exam on the bench. `changed` is sent when something to show changed."""

    changed = Signal()

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.layers = SegmentLayers(bench.stage)
        self.layers.on_moved = self.put_landmarks
        self.segments: Segments | None = None
        self.landmarks: dict[str, Point] = {}
        self.resected: set[str] = set()
        self.placing = ""
        self.editing = False
        self.shows_landmarks = False
        self._wanted = False
        self._seen: Any = None
        self._turn = 0
        self._known: NDArray[Any] | None = None
        #: Orders again what could not be written.
        self._again: Callable[[], None] | None = None
        self._redraw = False
        bench.shown.connect(self._on_shown)
        bench.refreshed.connect(self._on_refreshed)
        bench.lookers.append(self.hand_on)
        if bench.loaded is not None:
            self._on_shown()

    @property
    def can_change(self) -> bool:
        """An exam is shown and its case can be written."""
        return self.bench.loaded is not None and not self.bench.read_only

    def want(self, on: bool = True) -> None:
        """Keep segments, numbers and volumes up to date from now on, or no longer."""
        self._wanted = on
        self._on_refreshed()

    def rows(self) -> tuple[SegmentRow, ...]:
        """Rows of the segment table."""
        return segment_rows(self.segments, self.resected)

    def landmark_rows(self) -> tuple[LandmarkRow, ...]:
        """Rows of the landmark table: where each is clicked, and the slice that it is on."""
        # A map that did not come from landmarks misses none.
        needed = bool(self.landmarks) or self.bench.stage.segments is None
        slices = {name: self.slice_of(name) for name in self.landmarks}
        return landmark_rows(PLACES, slices, needed=needed)

    def missing(self) -> tuple[str, ...]:
        """Landmarks that a division needs and that were not placed yet."""
        return missing_landmarks(Landmarks(self.landmarks))

    def remnant(self) -> Remnant | None:
        """What is left without the ticked segments; None without segments."""
        if self.segments is None or not self.segments.volumes:
            return None
        return plan_remnant(self.segments.volumes, sorted(self.resected))

    def resect(self, segment: str, on: bool) -> None:
        """Tick a segment, or take the tick away."""
        (self.resected.add if on else self.resected.discard)(segment)
        self.changed.emit()

    # -- landmarks -------------------------------------------------------------------------

    def show_landmarks(self, on: bool) -> None:
        """Show landmarks and let the mouse move them."""
        self.shows_landmarks, self.placing = on, ""
        if self.bench.stage.lesions is None:  # the case is closed
            return
        if on and self.editing:
            self.edit(0)
        self.layers.show_landmarks(self.landmarks, visible=on)
        self.layers.drag_landmarks(on and self.can_change)
        self.changed.emit()

    def slice_of(self, name: str) -> int | None:
        """The acquired slice (from 0) that a landmark is nearest to."""
        scene = self.bench.stage.scene
        if scene is None or name not in self.landmarks:
            return None
        grid = scene.frame.grid
        return round(float(grid.to_index(np.array(self.landmarks[name]))[0]))

    def go_to(self, name: str) -> None:
        """Show the slice of a landmark."""
        if (at := self.slice_of(name)) is not None:
            self.bench.stage.go_to_slice(at)

    def place(self, name: str) -> None:
        """The next click into the picture is the place of this landmark."""
        if not self.can_change:
            return
        if self.editing:
            self.edit(0)
        self.shows_landmarks, self.placing = True, name
        self.layers.show_landmarks(self.landmarks, visible=True)
        self.layers.ask_click(lambda place: self._placed(name, place))
        words = next(place.place for place in PLACES if place.name == name)
        self.bench.tell(f"click {name}: {words}", "info")
        self.changed.emit()

    def put_landmarks(self, landmarks: Mapping[str, Point]) -> None:
        """These are the landmarks now: divide anew where all are there, and store both."""
        if not self.can_change:
            self.layers.show_landmarks(self.landmarks, visible=self.shows_landmarks)
            return
        self.landmarks = dict(landmarks)
        self._turn += 1
        turn, exam_id, points = self._turn, self.bench.exam_id, dict(self.landmarks)
        self.changed.emit()
        missing = missing_landmarks(Landmarks(points))
        if missing:
            self.bench.tell(f"{len(missing)} landmarks are missing: {', '.join(missing)}", "info")
            self._store_landmarks(exam_id, points)
            return
        self.bench.order(
            lambda _: self._divide(turn, exam_id, points),
            lambda made: self._divided(turn, exam_id, made),
            lambda error: self._refused(turn, exam_id, points, error),
        )

    def read_file(self, path: Path) -> None:
        """Take landmarks from a YAML or JSON file."""
        try:
            found = read_landmarks(path)
        except LiversegError as error:
            self.bench.tell(str(error), "error")
            return
        self.put_landmarks(found.points)
        self.layers.show_landmarks(self.landmarks, visible=self.shows_landmarks)

    # -- brush -----------------------------------------------------------------------------

    def edit(self, number: int) -> None:
        """Take the brush for a segment number; 0 gives it back to the lesions."""
        if not number or self.bench.stage.segments is None or not self.can_change:
            if self.editing:
                self.hand_on()
                self.editing, self._known = False, None
                if self.bench.stage.lesions is not None:  # the case may be closed by now
                    self.layers.end_edit()
        elif self.editing:
            self.bench.stage.segments.selected_label = number
        else:
            self.shows_landmarks = False
            self.layers.drag_landmarks(False)
            self._known = self.layers.begin_edit(number, self.bench.notice)
            self.editing = True
        self.changed.emit()

    def hand_on(self) -> None:
        """Order the writing of what the brush did to the map, and of what failed before."""
        again, self._again = self._again, None
        stage = self.bench.stage
        if not self.editing or self._known is None or stage.in_stroke or stage.segments is None:
            changed = False
        else:
            changed = not np.array_equal(self.layers.drawn(), self._known)
        if changed:
            self._known = drawn = np.array(self.layers.drawn())
            self._correct(drawn)
        elif again is not None:
            again()

    def _correct(self, drawn: NDArray[Any]) -> None:
        self._turn += 1
        turn, exam_id = self._turn, self.bench.exam_id
        self.bench.order(
            lambda _: self.bench.store.correct_segments(exam_id, drawn),
            lambda answer: self._corrected(turn, exam_id, answer),
            lambda error: self._failed(error, lambda: self._correct(drawn)),
        )

    # -- answers of the worker -------------------------------------------------------------

    def _placed(self, name: str, place: Point) -> None:
        self.placing = ""
        self.put_landmarks({**self.landmarks, name: place})
        self.layers.show_landmarks(self.landmarks, visible=True)
        missing = [one for one in missing_landmarks(Landmarks(self.landmarks)) if one != name]
        if missing:
            self.place(missing[0])
        else:
            self.layers.drag_landmarks(True)

    def _divide(self, turn: int, exam_id: str, points: dict[str, Point]) -> Segments | None:
        """In the worker; a newer change makes this one needless."""
        return self.bench.store.divide(exam_id, points) if turn == self._turn else None

    def _divided(self, turn: int, exam_id: str, made: Segments | None) -> None:
        if made is None or turn != self._turn or exam_id != self.bench.exam_id:
            return
        self._show(made)
        if self.bench.stage.segments is not None:
            self.bench.stage.segments.visible = True
        doubts = "; ".join(doubt.reason for doubt in made.doubts)
        self.bench.tell(doubts, "warning" if doubts else "info")
        self._write(exam_id, made)

    def _write(self, exam_id: str, made: Segments) -> None:
        self.bench.order(
            lambda _: self.bench.store.write_segments(exam_id, made),
            self._written,
            lambda error: self._failed(error, lambda: self._write(exam_id, made)),
        )

    def _refused(self, turn: int, exam_id: str, points: dict[str, Point], error: Exception) -> None:
        """The points make no division: they are kept, the map stays as it was."""
        if turn == self._turn:
            self.bench.tell(f"the map was not changed: {error}", "error")
            self._store_landmarks(exam_id, points)

    def _store_landmarks(self, exam_id: str, points: dict[str, Point]) -> None:
        self.bench.order(
            lambda _: self.bench.store.write_landmarks(exam_id, points),
            lambda _: self._saved(),  # no number changes with landmarks alone
            lambda error: self._failed(error, lambda: self._store_landmarks(exam_id, points)),
        )

    def _corrected(self, turn: int, exam_id: str, answer: tuple[Written, Segments, int]) -> None:
        written, stored, refused = answer
        if exam_id == self.bench.exam_id and turn == self._turn:
            self.segments = stored
            if stored.labels is not None and refused:
                self._put_back(stored.labels)
                self.bench.tell(
                    f"{refused} drawn voxels lie outside the liver or erase it: they do not count",
                    "info",
                )
            self.layers.show_numerals(stored)
        self._written(written)

    def _saved(self) -> None:
        self.bench.others_unsaved.discard(SEGMENTS)

    def _written(self, written: Written) -> None:
        self._saved()
        self.bench.accept(written)
        self.changed.emit()

    def _failed(self, error: Exception, again: Callable[[], None]) -> None:
        """Not stored: say why, and keep it for the next time that something is written."""
        self.bench.tell(str(error), "error")
        if not isinstance(error, ChangedElsewhereError):
            self._again = again
            self.bench.others_unsaved.add(SEGMENTS)
            return
        self._saved()
        # Show what the other window made.
        self.segments, self._seen, self._redraw = None, None, True
        self._on_refreshed()

    def _put_back(self, labels: LabelMap) -> None:
        """The layer that is drawn on holds what is stored."""
        stored = np.array(labels.array)
        self._known = stored if self.editing else None
        self.layers.put_back(stored)

    def _on_shown(self) -> None:
        """Another exam: nothing of the one before is left."""
        loaded = self.bench.loaded
        self.layers.forget()
        self.segments, self.resected, self.placing = None, set(), ""
        self.editing, self._known, self._seen = False, None, None
        self._again, self._redraw = None, False
        self.landmarks = {} if loaded is None else dict(loaded.exam.landmarks)
        if self.shows_landmarks:
            self.layers.show_landmarks(self.landmarks, visible=True)
            self.layers.drag_landmarks(self.can_change)
        if (layer := self.bench.stage.segments) is not None:
            layer.events.visible.connect(lambda _: self._on_refreshed())
        self.changed.emit()

    def _on_refreshed(self) -> None:
        """Numbers changed: volumes, and maybe the map, are no longer those of the case."""
        layer = self.bench.stage.segments
        shown = layer is not None and layer.visible
        if self.bench.loaded is None or not (self._wanted or shown):
            return
        state = (self.bench.exam_id, self.bench.numbers)
        if self._seen is not None and all(a is b for a, b in zip(state, self._seen, strict=True)):
            return
        self._seen = state
        turn, exam_id = self._turn, self.bench.exam_id
        self.bench.order(
            lambda _: self.bench.store.segments(exam_id),
            lambda found: self._read(turn, exam_id, found),
        )

    def _read(self, turn: int, exam_id: str, found: Segments) -> None:
        if exam_id != self.bench.exam_id or turn != self._turn:
            return
        if dict(found.landmarks) != self.landmarks:
            self.landmarks = dict(found.landmarks)
            if self.shows_landmarks:
                self.layers.show_landmarks(self.landmarks, visible=True)
        self._show(found)

    def _show(self, found: Segments) -> None:
        before, self.segments = self.segments, found
        loaded = self.bench.loaded
        shown = before.labels if before is not None else None
        if before is None and loaded is not None and not self._redraw:
            shown = loaded.exam.couinaud
        self._redraw = False
        if self.editing and found.labels is not None:
            if found.labels is not shown:
                self._put_back(found.labels)
            self.layers.show_numerals(found)
        else:
            self.layers.show(found, new_map=found.labels is not shown)
        self.changed.emit()

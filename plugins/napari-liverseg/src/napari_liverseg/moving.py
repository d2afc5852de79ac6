"""Where the chosen lesion lies in one phase: by Alt and the mouse, or Alt and keys. No Qt.

One translation aligns a phase, and breathing bends a liver. A person sees that the tissue
lies beside the outline, and moves the outline in that phase. It follows at once; the case
gets it when the drag ends, or when the keys are still, as one step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import Point
from liverseg.lesions import movable_series
from liverseg.register import LinkKind, link_of
from napari_liverseg._private import take_alt_drag
from napari_liverseg.moved_outlines import MovedOutlines, Steps
from napari_liverseg.state import words
from napari_liverseg.store import Written

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench

STILL: Point = (0.0, 0.0, 0.0)
#: Whole voxels there and back again must be no move at all: mm are kept to so many places.
PLACES = 6
ALT = ("Alt",)


@dataclass(frozen=True)
class Place:
    """A lesion in one series."""

    lesion: str
    key: str


@dataclass(frozen=True)
class MoveRow:
    """A phase in which the chosen lesion was moved, for people."""

    key: str
    text: str


class Moving:
    """Moves lesions in one phase, and shows them there."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._outlines = MovedOutlines(bench.looking)
        #: Moves that the case does not hold yet.
        self._wanted: dict[Place, Point] = {}
        #: Moved by keys, to be stored when they are still.
        self._by_keys: Place | None = None
        #: Calls `store` a moment later; a window sets it.
        self.store_later: Callable[[], None] | None = None
        self._seen: Any = None
        bench.shown.connect(self._on_shown)
        bench.refreshed.connect(self._on_refreshed)
        bench.looking.changed.connect(self._outlines.dress)
        bench.looking.left.connect(self._outlines.forget)
        self._give_alt_drag_back = take_alt_drag(bench.viewer)
        bench.viewer.mouse_drag_callbacks.append(self._on_drag)
        bench.lookers.append(self.store)

    def close(self) -> None:
        """Let go of the viewer."""
        self.store_later = None
        if self._on_drag in self._bench.viewer.mouse_drag_callbacks:
            self._bench.viewer.mouse_drag_callbacks.remove(self._on_drag)
            self._give_alt_drag_back()

    def rows(self) -> tuple[MoveRow, ...]:
        """Phases in which the chosen lesion lies off the registration."""
        loaded, name = self._bench.loaded, self._bench.lesion
        if loaded is None or not name:
            return ()
        found = []
        for series in loaded.exam.series:
            key = series.record.key
            offset = self.offset_mm(Place(name, key))
            if offset != STILL:
                length = float(np.linalg.norm(offset))
                found.append(MoveRow(key, f"{words(series.call.phase)}: moved {length:.1f} mm"))
        return tuple(found)

    def offset_mm(self, place: Place) -> Point:
        """How far a lesion lies off the registration, as shown (LPS mm)."""
        if place in self._wanted:
            return self._wanted[place]
        move = self._bench.numbers.moves.get(place.lesion, {}).get(place.key)
        return STILL if move is None else move.offset_mm

    def nudge(self, slices: int, down: int, right: int) -> None:
        """Move the chosen lesion by whole voxels in the phase under the mouse."""
        place = self._place(self._focused())
        if place is None:
            return
        if self._by_keys not in (None, place):
            self.store()
        self._by_keys = place
        self._show(place, self._further(self.offset_mm(place), (slices, down, right)))
        if self.store_later is not None:
            self.store_later()

    def reset(self, key: str) -> None:
        """Let the chosen lesion lie in a phase as registered."""
        place = self._place(key)
        if place is not None and self.offset_mm(place) != STILL:
            self.store()
            self._show(place, STILL)
            self._store(place)

    def store(self) -> None:
        """Store what was moved by keys."""
        place, self._by_keys = self._by_keys, None
        if place is not None:
            self._store(place)

    def _store(self, place: Place) -> None:
        bench, exam_id, offset = self._bench, self._bench.exam_id, self._wanted.get(place)
        stored = bench.numbers.moves.get(place.lesion, {}).get(place.key)
        if offset is None or offset == (STILL if stored is None else stored.offset_mm):
            self._settle(place, offset)
            return

        def done(written: Written) -> None:
            bench.accept(written)
            self._settle(place, offset)

        def failed(error: Exception) -> None:
            self._settle(place, offset)
            bench.tell_error(error)

        wanted = None if offset == STILL else offset
        bench.order(
            lambda _: bench.store.move(exam_id, place.lesion, place.key, wanted), done, failed
        )

    def _settle(self, place: Place, offset: Point | None) -> None:
        """What was wanted has become of it what it will; a later wish stays."""
        if self._wanted.get(place) == offset:
            self._wanted.pop(place, None)
        self._draw()
        self._bench.refreshed.emit()

    def _show(self, place: Place, offset: Point) -> None:
        self._wanted[place] = offset
        self._draw()
        assert self._bench.loaded is not None
        phase = words(self._bench.loaded.exam.by_key(place.key).call.phase)
        length = float(np.linalg.norm(offset))
        how = f"moved {length:.1f} mm" if offset != STILL else "as registered"
        self._bench.tell(f"{place.lesion}, {phase}: {how}", "info")

    def _place(self, key: str) -> Place | None:
        """The chosen lesion in a series, or None and a word why it cannot be moved there."""
        bench = self._bench
        reason = bench.read_only
        if bench.loaded is None or not bench.exam_id:
            reason = "no exam is shown"
        elif not bench.lesion or bench.is_fresh(bench.lesion):
            reason = "choose a lesion that is drawn, then move it"
        elif bench.lesion in bench.unsaved:
            reason = f"{bench.lesion} is not saved: save it first"
        elif not key:
            reason = "put the mouse over the phase in which the lesion shall be moved"
        if reason:
            bench.tell(reason, "error")
            return None
        assert bench.loaded is not None
        try:
            movable_series(bench.loaded.exam, bench.lesion, key)
        except InputError as error:
            bench.tell_error(error)
            return None
        if link_of(bench.loaded.exam, key).kind is LinkKind.NONE:
            bench.tell("this phase is not linked: where its tissue lies is unknown", "error")
            return None
        return Place(bench.lesion, key)

    def _focused(self) -> str:
        """The phase that the mouse was over last, or the one shown alone."""
        looking = self._bench.looking
        if len(looking.keys) == 1:
            return looking.keys[0]
        return looking.focus if looking.focus in looking.keys else ""

    def _further(self, offset: Point, voxels: Sequence[float]) -> Point:
        """An offset and some voxels as displayed, in LPS mm."""
        scene = self._bench.stage.scene
        assert scene is not None
        step_mm = np.multiply(voxels, scene.frame.spacing_mm)
        moved = np.add(offset, scene.frame.lps_from_display[:3, :3] @ step_mm)
        x, y, z = (round(float(part), PLACES) + 0.0 for part in moved)
        return x, y, z

    def _on_drag(self, viewer: Any, event: Any) -> Iterator[None]:
        """Alt and the left button: the outline goes with the mouse, by whole pixels."""
        lesions = self._bench.stage.lesions
        if event.button != 1 or tuple(event.modifiers) != ALT or lesions is None:
            return
        if viewer.dims.ndisplay != 2 or str(lesions.mode) != "pan_zoom":
            return
        event.handled = True
        place = self._place(self._bench.looking.panes.key_at(event.viewbox))
        if place is None:
            return
        self.store()
        start, before = np.array(event.position[-3:]), self.offset_mm(place)
        yield
        while event.type == "mouse_move":
            scene = self._bench.stage.scene
            if scene is None:
                return
            gone = (np.array(event.position[-3:]) - start) / scene.frame.spacing_mm
            offset = self._further(before, np.rint(gone).tolist())
            if offset != self.offset_mm(place):
                self._show(place, offset)
            event.handled = True
            yield
        event.handled = True
        self._store(place)

    def _on_shown(self) -> None:
        self._wanted, self._by_keys, self._seen = {}, None, None
        self._on_refreshed()

    def _on_refreshed(self) -> None:
        """The masks of moved lesions may be others each time that the case was written."""
        bench = self._bench
        if bench.loaded is None or not bench.exam_id or bench.numbers is self._seen:
            return
        self._seen = bench.numbers
        self._draw(anew=True)

    def _draw(self, *, anew: bool = False) -> None:
        """Show all moves; `anew`: the lesions may have other masks."""
        bench = self._bench
        if bench.loaded is None:
            return
        names = {row.number: row.name for row in bench.lesions()}
        moves: dict[str, dict[int, Steps]] = {}
        for number, name in names.items():
            for place in self._places(name):
                moves.setdefault(place.key, {})[number] = self._steps(self.offset_mm(place))
        self._outlines.show(moves, bench.part_of, names, anew=anew)

    def _places(self, name: str) -> list[Place]:
        """Where a lesion lies off the registration."""
        keys = {
            *self._bench.numbers.moves.get(name, {}),
            *(place.key for place in self._wanted if place.lesion == name),
        }
        places = [Place(name, key) for key in sorted(keys)]
        return [place for place in places if self.offset_mm(place) != STILL]

    def _steps(self, offset: Point) -> Steps:
        """An offset in LPS mm as the nearest whole voxels as displayed."""
        scene = self._bench.stage.scene
        assert scene is not None
        step_mm = scene.frame.display_from_lps[:3, :3] @ offset
        slices, down, right = np.rint(step_mm / scene.frame.spacing_mm).astype(int).tolist()
        return slices, down, right

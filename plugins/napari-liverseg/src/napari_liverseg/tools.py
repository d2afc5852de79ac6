"""Tools that draw by strokes: click, diameter, scribble, corrections, whole changes. No Qt.

The mouse draws in millimetres of the display frame; a stroke is handed on in LPS. What it
means is the library's matter, in the worker; the mask that comes back is shown at once and
goes the way of every drawn mask: into the case, with numbers and verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from liverseg.records import Stroke, StrokeKind
from napari_liverseg.moving import Moving
from napari_liverseg.store import NewMask

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench

Point = tuple[float, float, float]

#: What a person reads when a tool is taken.
HINTS = {
    "click": "click into the lesion",
    "line": "drag the lesion's diameter, or click its two ends",
    "scribble": "scribble inside the lesion",
    "add": "scribble over what belongs to {lesion} and was left out",
    "remove": "scribble over what does not belong to {lesion}",
    "caliper": "drag a length, or the end of an axis of {lesion}",
}
STARTS = {
    "click": StrokeKind.CLICK,
    "line": StrokeKind.LINE,
    "scribble": StrokeKind.SCRIBBLE,
}
CORRECTS = {"add": StrokeKind.ADD, "remove": StrokeKind.REMOVE}
#: A drag shorter than this is a click: the hand shook, px.
SHAKE_PX = 4
#: Points of a scribble are at least so far apart; closer ones say nothing new.
APART_MM = 1.5


class Tools:
    """The tool in hand, and what it does."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.tool = ""
        #: Name for the next lesion; "" takes the next free of L1, L2, ...
        self.name = ""
        self._first: Point | None = None
        self.moving: Moving = Moving(bench)
        bench.viewer.mouse_drag_callbacks.append(self._on_drag)
        bench.shown.connect(self._on_shown)

    def close(self) -> None:
        """Let go of the viewer."""
        self.moving.close()
        if self._on_drag in self._bench.viewer.mouse_drag_callbacks:
            self._bench.viewer.mouse_drag_callbacks.remove(self._on_drag)

    def take(self, tool: str) -> None:
        """Take a tool; the one in hand, or "", puts it away."""
        bench = self._bench
        tool = "" if tool == self.tool else tool
        if tool and not self._can(tool):
            return
        if tool:
            bench.stage.lesions.mode = "pan_zoom"
        self._put(tool)
        hint = HINTS.get(tool, "").format(lesion=bench.lesion)
        bench.tell(f"{hint} (Esc: put the tool away)" if hint else "", "info")

    def next_name(self) -> str:
        """Name of the lesion that the next stroke starts."""
        bench = self._bench
        if bench.lesion and bench.is_fresh(bench.lesion):
            return bench.lesion
        taken = {row.name for row in bench.lesions()}
        if self.name and self.name not in taken:
            return self.name
        return next(name for n in range(1, len(taken) + 2) if (name := f"L{n}") not in taken)

    def draw(self, strokes: Sequence[Stroke]) -> None:
        """Start a lesion from strokes; the tool is put away, lest a slip start another one."""
        bench, name = self._bench, self.next_name()
        self._put("")
        begun = not bench.is_fresh(name)
        if begun and not bench.begin_lesion(name):
            return
        exam_id = bench.exam_id

        def failed(error: Exception) -> None:
            if begun:
                bench.drop_lesion(name)
            self._failed(error)

        self._ask(name, lambda: bench.store.draw(exam_id, name, strokes), failed)

    def correct(self, stroke: Stroke) -> None:
        """Add to the chosen lesion, or take from it, by a stroke."""
        bench, exam_id, name = self._bench, self._bench.exam_id, self._bench.lesion
        self._ask(name, lambda: bench.store.correct(exam_id, name, stroke), self._failed)

    def reshape(self, tool: str) -> None:
        """Change the chosen lesion as a whole."""
        bench, exam_id, name = self._bench, self._bench.exam_id, self._bench.lesion
        if self._has_lesion(tool):
            self._ask(name, lambda: bench.store.reshape(exam_id, name, tool), self._failed)

    def lps(self, point: Sequence[float]) -> Point:
        """A point of the display frame (mm) in LPS mm of the reference series."""
        scene = self._bench.stage.scene
        assert scene is not None
        found = np.linalg.inv(scene.frame.display_from_lps) @ [*point[-3:], 1.0]
        return float(found[0]), float(found[1]), float(found[2])

    def _ask(
        self, name: str, job: Callable[[], NewMask], failed: Callable[[Exception], None]
    ) -> None:
        """Have the library make a mask; nothing can be drawn meanwhile."""
        bench = self._bench
        bench.stage.hold()
        bench.tell(f"{name} ...", "info")

        def made(new: NewMask) -> None:
            bench.stage.release()
            bench.tell(new.step, "info")
            bench.put_mask(name, new)

        bench.order(lambda _: job(), made, failed)

    def _failed(self, error: Exception) -> None:
        self._bench.stage.release()
        self._bench.tell_error(error)

    def _can(self, tool: str) -> bool:
        bench = self._bench
        if not bench.exam_id or bench.read_only or bench.stage.lesions is None:
            bench.tell(bench.read_only or "no exam is shown", "error")
            return False
        return tool in STARTS or self._has_lesion(tool)

    def _has_lesion(self, tool: str) -> bool:
        bench = self._bench
        if not bench.exam_id or bench.read_only:
            return False
        if not bench.lesion or bench.is_fresh(bench.lesion):
            bench.tell(f"choose a lesion that is drawn, then {tool}", "error")
            return False
        if bench.lesion in bench.unsaved:
            bench.tell(f"{bench.lesion} is not saved: save it first", "error")
            return False
        return True

    def _put(self, tool: str) -> None:
        self.tool, self._first = tool, None
        self._bench.axes.trail(())
        layer = self._bench.stage.lesions
        if layer is not None:
            # napari's own Escape (drop a polygon) comes back with the tool put away.
            layer.bind_key("Escape", (lambda _: self.take("")) if tool else None, overwrite=True)
        self._bench.refreshed.emit()

    def _on_shown(self) -> None:
        self._put("")
        layer = self._bench.stage.lesions
        layer.events.mode.connect(lambda _: self._on_mode(str(layer.mode)))

    def _on_mode(self, mode: str) -> None:
        """Brush or eraser taken: they draw now."""
        if self.tool and mode != "pan_zoom":
            self._put("")

    def _on_drag(self, viewer: Any, event: Any) -> Iterator[None]:
        """One stroke of the left button; the picture does not move under it."""
        axes, layer = self._bench.axes, self._bench.stage.lesions
        if event.button != 1 or event.modifiers or layer is None or viewer.dims.ndisplay != 2:
            return
        end = axes.end_at(event.position) if str(layer.mode) == "pan_zoom" else None
        if end is not None and self.tool not in ("", "caliper"):
            end = None
        if end is None and not self.tool:
            return
        points = [_point(event.position)]
        event.handled = True
        yield
        while event.type == "mouse_move":
            points.append(_point(event.position))
            if end is not None:
                axes.pull(end, points[-1])
            else:
                axes.trail([self._first, points[-1]] if self._first else self._sketch(points))
            event.handled = True
            yield
        event.handled = True
        if end is not None:
            axes.drop(end, points[-1])
        else:
            self._finish(self.tool, points)

    def _sketch(self, points: Sequence[Point]) -> Sequence[Point]:
        """What is shown of a stroke under way: a line is its two ends."""
        return (points[0], points[-1]) if self.tool in ("line", "caliper") else points

    def _finish(self, tool: str, points: list[Point]) -> None:
        shake_mm = SHAKE_PX / float(self._bench.viewer.scene.camera.zoom)
        still = bool(np.linalg.norm(np.subtract(points[-1], points[0])) < shake_mm)
        if tool in ("line", "caliper"):
            if still and self._first is None:
                self._first = points[0]
                self._bench.axes.trail([points[0], points[0]])
                return
            ends = (self._first or points[0], points[-1])
            self._first = None
            self._bench.axes.trail(())
            if tool == "caliper":
                self._bench.axes.add(ends)
            else:
                self.draw((Stroke(StrokeKind.LINE, tuple(self.lps(end) for end in ends)),))
            return
        self._bench.axes.trail(())
        if tool == "click":
            self.draw((Stroke(StrokeKind.CLICK, (self.lps(points[0]),)),))
        elif tool == "scribble":
            self.draw((Stroke(StrokeKind.SCRIBBLE, self._thinned(points)),))
        elif self._has_lesion(tool):
            self.correct(Stroke(CORRECTS[tool], self._thinned(points)))

    def _thinned(self, points: Sequence[Point]) -> tuple[Point, ...]:
        kept = [points[0]]
        for point in points[1:]:
            if np.linalg.norm(np.subtract(point, kept[-1])) >= APART_MM:
                kept.append(point)
        return tuple(self.lps(point) for point in kept)


def _point(position: Sequence[float]) -> Point:
    return float(position[-3]), float(position[-2]), float(position[-1])

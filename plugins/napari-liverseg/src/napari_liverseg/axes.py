"""Axes and calipers of the chosen lesion, drawn with their lengths and pulled by their ends.

Measured axes follow the mask: they are the case's rows. An end that a person pulls makes a
*caliper* of its own, a length by hand that is stored with the lesion as a reader's
measurement; the measured axis stays what it is. No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Points

from liverseg.records import Caliper, Measurement
from napari_liverseg.layers import Placed
from napari_liverseg.scene import colour_of, layer_options
from napari_liverseg.store import Written

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench

Point = tuple[float, float, float]

LENGTHS = "lengths"
MEASURED = {"long_axis": "long", "short_axis": "short"}
BY_HAND = "_by_hand"
HAND_COLOUR, TRAIL_COLOUR, TEXT_COLOUR = "#ff3b3b", "#00ffff", "#ffffff"
#: How near an end must be to be taken, px.
NEAR_PX = 8
TEXT_PT = 10
#: The lengths stand so far beside the lines.
LABEL_GAP_MM = 3.0


@dataclass(frozen=True)
class Line:
    """A line in mm of the display frame, and what it is.

    `axis` is "long_axis", "short_axis" or "length"; `hand` counts the lesion's calipers
    from 0, None for a measured axis.
    """

    axis: str
    ends: tuple[Point, Point]
    hand: int | None = None

    @property
    def length_mm(self) -> float:
        """Distance of the ends; the display frame is in mm, so it is the one in the patient."""
        return float(np.linalg.norm(np.subtract(*self.ends)))

    @property
    def label(self) -> str:
        """What stands beside it: "long 23.4 mm", "by hand 21.0 mm"."""
        word = MEASURED.get(self.axis, "")
        by = "" if self.hand is None else "by hand"
        return " ".join(part for part in (word, by, f"{self.length_mm:.1f} mm") if part)


#: An end of a line: which line, which of its two ends.
End = tuple[Line, int]


class Axes:
    """Lines over the lesion that is chosen, in every pane, and the layer of their lengths."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._layer: Any = None
        self._lines: tuple[Line, ...] = ()
        self._drawn: Any = None
        self._trail: tuple[Point, ...] = ()
        self._on = True
        bench.shown.connect(self._on_shown)
        bench.refreshed.connect(self._on_refreshed)
        bench.looking.changed.connect(self._on_refreshed)

    def toggle(self) -> None:
        """Show or hide the lines."""
        self._on = not self._on
        self._draw()

    def lines(self) -> tuple[Line, ...]:
        """Lines of the chosen lesion, measured ones first."""
        return self._lines

    def trail(self, points: Sequence[Point]) -> None:
        """Show what a tool draws at the moment; an empty one goes away."""
        self._trail = tuple(points)
        self._draw()

    def end_at(self, position: Sequence[float]) -> End | None:
        """The end of a line within reach of a point of the display frame, or None."""
        if not self._on or self._layer is None:
            return None
        reach_mm = NEAR_PX / float(self._bench.viewer.scene.camera.zoom)
        found: list[tuple[float, int, int]] = []
        for n, line in enumerate(self._lines):
            for k, end in enumerate(line.ends):
                gap = np.abs(np.subtract(end, position[-3:]))
                if gap[0] < self._half_slice_mm() and float(np.hypot(*gap[1:])) <= reach_mm:
                    found.append((float(np.hypot(*gap[1:])), -n, k))  # the later line is on top
        if not found:
            return None
        _, n, k = min(found)
        return self._lines[-n], k

    def pull(self, end: End, to: Point) -> None:
        """Show a line with one end moved, while the mouse moves it."""
        self._draw(pulled=(end[0], _moved(end, to)))

    def drop(self, end: End, at: Point) -> None:
        """Store a pulled line as the lesion's caliper; a measured axis makes a new one."""
        line = _moved(end, at)
        calipers = list(self._calipers())
        same = [n for n, one in enumerate(calipers) if one.axis == line.axis != "length"]
        if line.hand is not None:
            calipers[line.hand] = self._caliper(line)
        elif same:
            calipers[same[0]] = self._caliper(line)
        else:
            calipers.append(self._caliper(line))
        self._store(calipers)

    def add(self, ends: tuple[Point, Point]) -> None:
        """Store a new length by hand."""
        self._store([*self._calipers(), self._caliper(Line("length", ends))])

    def clear(self) -> None:
        """Take the lesion's lengths by hand away."""
        if self._calipers():
            self._store([])
        else:
            self._bench.tell(f"{self._bench.lesion or 'no lesion'}: nothing by hand", "info")

    def _store(self, calipers: Sequence[Caliper]) -> None:
        bench, exam_id, name = self._bench, self._bench.exam_id, self._bench.lesion
        if bench.read_only or not name or bench.is_fresh(name):
            bench.tell(bench.read_only or "choose a lesion that is drawn first", "error")
            self._draw()
            return
        wanted = tuple(calipers)

        def failed(error: Exception) -> None:
            self._draw()
            bench.tell_error(error)

        def done(written: Written) -> None:
            bench.accept(written)
            if wanted:
                bench.tell(f"{name} measured by hand; the measured axes stay as they are", "info")
            else:
                bench.tell(f"lengths by hand of {name} taken away", "info")

        bench.order(lambda _: bench.store.set_calipers(exam_id, name, wanted), done, failed)

    def _calipers(self) -> tuple[Caliper, ...]:
        rows = self._bench.numbers.rows_of(self._bench.lesion)
        return tuple(
            Caliper(
                row.metric.removesuffix(BY_HAND),
                (row.endpoints_lps_mm[0], row.endpoints_lps_mm[1]),
                row.slice,
            )
            for row in rows
            if row.metric.endswith(BY_HAND)
        )

    def _caliper(self, line: Line) -> Caliper:
        first, second = (self._bench.tools.lps(end) for end in line.ends)
        scene = self._bench.stage.scene
        assert scene is not None
        position = round(line.ends[0][0] / scene.frame.spacing_mm[0])
        return Caliper(line.axis, (first, second), scene.frame.stored_slice(position))

    def _on_shown(self) -> None:
        scene = self._bench.stage.scene
        assert scene is not None
        self._layer = Points(
            np.zeros((1, 3)),
            name=LENGTHS,
            features={"label": np.array([""], dtype=str)},
            text={
                "string": "{label}",
                "size": TEXT_PT,
                "color": TEXT_COLOUR,
                "anchor": "upper_left",
            },
            size=1,
            face_color="transparent",
            border_width=0,
            visible=False,
            **layer_options(Placed(np.zeros(0), scene.frame.spacing_mm, (0.0, 0.0, 0.0))),
        )
        self._layer.editable = False
        self._bench.stage.add_extra(self._layer)
        self._drawn = None

    def _on_refreshed(self) -> None:
        rows = self._bench.numbers.rows_of(self._bench.lesion)
        lines = [row for row in rows if _is_line(row)]
        wanted = (self._bench.exam_id, self._bench.lesion, lines, self._bench.stage.paned)
        if self._layer is not None and wanted != self._drawn:
            self._drawn = wanted
            hands = iter(range(len(rows)))
            self._lines = tuple(
                self._line(row, next(hands) if row.metric.endswith(BY_HAND) else None)
                for row in wanted[2]
            )
            self._draw()

    def _line(self, row: Measurement, hand: int | None) -> Line:
        scene = self._bench.stage.scene
        assert scene is not None
        ends = [scene.frame.display_from_lps @ [*point, 1.0] for point in row.endpoints_lps_mm]
        first, second = ((float(e[0]), float(e[1]), float(e[2])) for e in ends)
        return Line(row.metric.removesuffix(BY_HAND), (first, second), hand)

    def _draw(self, *, pulled: tuple[Line, Line] | None = None) -> None:
        """Put all lines and the trail into the layer; `pulled` is a line and its new state."""
        layer = self._layer
        if layer is None or layer not in self._bench.viewer.layers:
            return
        lines = list(self._lines) if self._on else []
        if pulled is not None:
            old, new = pulled
            lines = [
                replace(new, hand=-1),
                *(one for one in lines if one != old or old.hand is None),
            ]
        row = next((r for r in self._bench.lesions() if r.name == self._bench.lesion), None)
        own = colour_of(row.number if row else 1)
        shown = [(np.array(line.ends), own if line.hand is None else HAND_COLOUR) for line in lines]
        labels = [line.label for line in lines]
        if len(self._trail) > 1:
            shown.append((np.array(self._trail), TRAIL_COLOUR))
            if len(self._trail) == 2:
                labels.append(
                    f"{Line('length', (self._trail[0], self._trail[1])).length_mm:.1f} mm"
                )
        self._bench.looking.marks.draw(shown)
        self._show_lengths([path for path, _ in shown], labels)

    def _show_lengths(self, ends: Sequence[Any], labels: Sequence[str]) -> None:
        """All lengths in one block beside the lines: at the lines they would lie over each other.

        Side by side there is no room for words.
        """
        layer, scene = self._layer, self._bench.stage.scene
        assert scene is not None
        layer.visible = bool(labels) and not self._bench.stage.paned
        if ends:
            every = np.concatenate(ends)
            steps = np.array(scene.frame.spacing_mm)
            place = np.array([ends[0][0, 0], every[:, 1].min(), every[:, 2].max() + LABEL_GAP_MM])
            inside = np.clip(place / steps, 0, np.array(scene.frame.shape) - 1)
            # Nobody is told: napari would slice all layers anew, in case the picture grew.
            with layer.events.data.blocker():
                layer.data = inside[np.newaxis]
        layer.features = {"label": np.array(["\n".join(labels)], dtype=str)}

    def _half_slice_mm(self) -> float:
        scene = self._bench.stage.scene
        return 0.5 if scene is None else scene.frame.spacing_mm[0] / 2


def _is_line(row: Measurement) -> bool:
    wanted = row.metric in MEASURED or row.metric.endswith(BY_HAND)
    return wanted and len(row.endpoints_lps_mm) == 2


def _moved(end: End, to: Point) -> Line:
    """The line with one end in another place of its slice."""
    line, which = end
    point = (line.ends[which][0], to[1], to[2])
    ends = (point, line.ends[1]) if which == 0 else (line.ends[0], point)
    return replace(line, ends=ends)

"""`Looking`: panes, windows, flicker, subtraction and cross-hair of an open case. No Qt.

It changes what is shown and nothing else: no mask, no number, no case file. Everything
that a person does on the page "Look" is a call here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from liverseg.lesions import subtract_series
from liverseg.records import DYNAMIC_PHASES, SeriesVolume
from liverseg.register import LinkKind, link_of
from liverseg.tables import load_table
from napari_liverseg.crosshair import CrossHair
from napari_liverseg.difference import DIFFERENCE, Difference, difference_layer, place_difference
from napari_liverseg.layers import Triple
from napari_liverseg.marks import IN_PANES
from napari_liverseg.panes import SHAPES, Panes, PaneText
from napari_liverseg.readout import Readout, link_notes, read_out
from napari_liverseg.scene import SEGMENTS
from napari_liverseg.windows import Windows, drag_window, stretch, window_text

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench
    from napari_liverseg.store import Loaded

#: (key, what it does for people, what it calls).
KEYS: tuple[tuple[str, str, Callable[[Looking], None]], ...] = (
    ("F2", "window: liver (MR: automatic)", lambda look: look.preset(0)),
    ("F3", "window: abdomen (MR: whole range)", lambda look: look.preset(1)),
    ("F4", "window: bone", lambda look: look.preset(2)),
    ("F5", "window: lung", lambda look: look.preset(3)),
    ("F6", "window: whole range", lambda look: look.preset(4)),
    ("F7", "planes: the next phase", lambda look: look.next_in_planes()),
    ("F8", "flicker: the other phase", lambda look: look.flick()),
    ("F9", "axial, coronal and sagittal", lambda look: look.ask_planes()),
    ("H", "show or hide the cross-hair", lambda look: look.show_cross(not look.cross)),
    ("Control-1", "one picture", lambda look: look.arrange(1)),
    ("Control-2", "two phases side by side", lambda look: look.arrange(2)),
    ("Control-4", "four phases side by side", lambda look: look.arrange(4)),
    ("Control-6", "six phases side by side", lambda look: look.arrange(6)),
)


class Looking(CrossHair):
    """The ways of looking at the exam that a bench shows.

    Signals: `changed` when panes, phases, windows, flicker or cross-hair changed; `pointed`
    when the mouse moved over a picture; `went(point)` when the cross-hair moved, in mm of
    the display frame; `planes_asked` when the three planes shall open or close; `left`
    before the layers of the exam go.
    """

    pointed = Signal()
    planes_asked = Signal()
    left = Signal()

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.viewer, bench.stage)
        self.bench = bench
        self.panes = Panes(self.viewer)
        self.count = 1
        self.windows: Windows | None = None
        self.pair: tuple[str, str] = ("", "")
        self.focus = ""
        self.cursor_mm: Triple | None = None
        self._difference: Any = None
        self._lesion = ""
        self._notes: dict[str, str] = {}
        self.stage.chooser, self.stage.before_clear = self.show_phase, self._forget
        self.stage.describe = self._describe
        bench.shown.connect(self._on_shown)
        bench.refreshed.connect(self._follow_lesion)
        bench.refreshed.connect(self._leave_gaps_out)
        self.viewer.layers.events.inserted.connect(self._on_inserted)
        self.viewer.mouse_move_callbacks.append(self._on_move)
        self.viewer.mouse_drag_callbacks.append(self._on_drag)
        for key, _, act in KEYS:
            self.viewer.bind_key(key, lambda _viewer, act=act: act(self), overwrite=True)

    def close(self) -> None:
        """Let go of the viewer: one picture, no keys, no mouse."""
        self.left.emit()
        self.panes.close()
        self.let_go()
        self.viewer.layers.events.inserted.disconnect(self._on_inserted)
        self.stage.chooser = self.stage.before_clear = self.stage.describe = None
        self.viewer.mouse_move_callbacks.remove(self._on_move)
        self.viewer.mouse_drag_callbacks.remove(self._on_drag)
        for key, _, _ in KEYS:
            self.viewer.bind_key(key, None)

    # -- phases and panes ------------------------------------------------------------------

    @property
    def images(self) -> dict[str, Any]:
        """Layer of every phase by its key, in time order; the subtraction comes last."""
        order = [item.record.key for item in sorted(self._series(), key=_in_time)]
        images = {key: self.stage.phases[key] for key in order if key in self.stage.phases}
        return images if self._difference is None else {**images, DIFFERENCE: self._difference}

    @property
    def names(self) -> dict[str, str]:
        """What each phase is called, as in `images`."""
        scene = self.stage.scene
        names = {} if scene is None else {image.key: image.name for image in scene.images}
        if self._difference is not None:
            names[DIFFERENCE] = self._difference.metadata["title"]
        return {key: names[key] for key in self.images}

    @property
    def keys(self) -> tuple[str, ...]:
        """The phases in view, pane by pane."""
        return self.panes.keys

    def suggest(self, count: int) -> tuple[str, ...]:
        """Phases for so many panes: those that matter most (table `display`), in time order.

        The reference series is always among them: lesions are drawn on it.
        """
        first = load_table("display")["pane_phases"].value
        reference = self.stage.scene and self._loaded().exam.reference

        def rank(item: SeriesVolume) -> tuple[bool, int]:
            return item.record.key != reference, first.index(str(item.call.phase))

        chosen = {item.record.key for item in sorted(self._series(), key=rank)[:count]}
        return tuple(key for key in self.images if key in chosen)

    def arrange(self, count: int, keys: Sequence[str] = ()) -> None:
        """Show 1, 2, 4 or 6 panes with these phases, or with those suggested."""
        if self.stage.scene is None or count not in SHAPES:
            return
        kept = [key for key in keys if key in self.images] or list(self._or_present(count))
        self.count = count
        self._lay_out(kept)

    def put(self, key: str, pane: int) -> None:
        """Show a phase in a pane (from 0); one that stands elsewhere changes places with it."""
        keys = list(self.keys)
        if key not in self.images or not 0 <= pane < len(keys) or keys[pane] == key:
            return
        if key in keys:
            keys[keys.index(key)] = keys[pane]
        keys[pane] = key
        self._lay_out(keys)

    def show_phase(self, key: str) -> None:
        """Bring a phase into view: alone, or in the last pane if it stands in none."""
        if key not in self.images:
            return
        if self.count == 1:
            self._lay_out([key])
        elif key not in self.keys:
            self.put(key, len(self.keys) - 1)

    # -- windows ---------------------------------------------------------------------------

    def preset(self, number: int) -> None:
        """Apply the exam's preset of this number (from 0); beyond the last one nothing happens."""
        if self.windows is not None and number < len(presets := self.windows.presets()):
            self.windows.apply(presets[number].name, key=self._focused())
            self.changed.emit()

    def window_text(self) -> str:
        """Level and width of the phase that the mouse was over last, for people."""
        key = self._focused()
        if key not in self.images:
            return ""
        limits = self.images[key].contrast_limits
        shown = key if key != DIFFERENCE else self._loaded().exam.reference
        name = "subtraction" if key == DIFFERENCE else self.names[key]
        return f"{name}: {window_text(limits, unit=self._unit(shown))}"

    def _unit(self, key: str) -> str:
        return self._loaded().exam.by_key(key).volume.unit

    def drag(self, wider: float, higher: float) -> None:
        """Window and level, as by the mouse, of the phase that the mouse is over."""
        key = self._focused()
        if key == DIFFERENCE:
            stretch(self._difference, wider=wider, higher=higher)
        elif self.windows is not None:
            self.windows.change(key=key, wider=wider, higher=higher)
        self.changed.emit()

    # -- flicker and subtraction -----------------------------------------------------------

    def compare(self, one: str, other: str) -> None:
        """Choose the two phases that flicker and subtraction are about."""
        self.pair = (one, other)
        self.changed.emit()

    def flick(self) -> None:
        """Show the one of the two phases that is not shown, alone, in the same place."""
        one, other = self.pair
        if one not in self.images or other not in self.images:
            return
        alone = self.count == 1 and self.keys == (one,)
        self.count = 1
        self._lay_out([other if alone else one])

    def subtract(self) -> None:
        """The first phase of the pair minus the second, as a picture; a refusal is told."""
        one, other = self.pair
        scene = self.stage.scene
        if scene is None or not {one, other} <= set(self.stage.phases):
            return
        exam, frame = self._loaded().exam, scene.frame
        title = f"{self.names[one]} − {self.names[other]} (for display only)"

        def job(_: Any) -> Difference:
            volume = subtract_series(exam, one, baseline=other)
            shift = exam.shift_of(one).series_from_reference.offset_mm
            return place_difference(volume, frame, shift_lps_mm=shift, title=title)

        self.bench.order(job, self._show_difference)

    # -- place -----------------------------------------------------------------------------

    def next_in_planes(self) -> None:
        """Show the next phase in the three planes, in time order, if they are open."""
        if self.planes is not None:
            keys = list(self.images)
            self.planes.choose(keys[(keys.index(self.planes.key) + 1) % len(keys)])

    def ask_planes(self) -> None:
        """Open axial, coronal and sagittal beside the picture, or close them."""
        self.planes_asked.emit()

    def hover(self, point_mm: Triple | None, *, key: str = "") -> None:
        """The mouse is over this point of the display frame, in the pane of phase `key`."""
        self.cursor_mm = point_mm
        if key and key != self.focus:
            self.focus = key
            self.changed.emit()
        self.pointed.emit()

    def read_out(self) -> Readout:
        """The acquired value of every phase under the mouse."""
        scene = self.stage.scene
        if scene is None:
            return Readout("", ())
        names = {image.key: image.name for image in scene.images}
        order = {key: place for place, key in enumerate(self.images)}
        found = read_out(self._loaded().exam, scene.frame, self.cursor_mm, names)
        rows = sorted(found.rows, key=lambda row: order.get(row.key, len(order)))
        return Readout(found.position, tuple(rows))

    # -- within ----------------------------------------------------------------------------

    def _series(self) -> tuple[SeriesVolume, ...]:
        return () if self.stage.scene is None else self._loaded().exam.series

    def _loaded(self) -> Loaded:
        assert self.bench.loaded is not None
        return self.bench.loaded

    def _focused(self) -> str:
        in_planes = () if self.planes is None else (self.planes.key,)
        if self.focus in (*self.keys, *in_planes):
            return self.focus
        return self.keys[0] if self.keys else ""

    def _or_present(self, count: int) -> tuple[str, ...]:
        """One pane shows the phase looked at; more panes show those suggested."""
        return (self._focused(),) if count == 1 and self.keys else self.suggest(count)

    def _lay_out(self, keys: Sequence[str]) -> None:
        exam, names = self._loaded().exam, self.names
        foreign = [key for key in self.stage.phases if link_of(exam, key).kind is LinkKind.NONE]
        self.stage.paned = self.count > 1
        self.panes.show(
            self.images,
            keys,
            self._seen_everywhere(keys),
            panes=self.count,
            texts={key: PaneText(name, self._notes.get(key, "")) for key, name in names.items()},
            unlabelled=foreign,
        )
        self.put_cross()
        self.stage.write_caption()
        self.changed.emit()

    def _seen_everywhere(self, keys: Sequence[str]) -> tuple[Any, ...]:
        """Labels, points and lines that every pane shows, the lowest first.

        What was shown in these panes before stays in them, hidden: to take it out takes longer.
        """
        stage, layers = self.stage, self.viewer.layers
        stays = (stage.lesions, *(self.panes.labels if len(keys) == len(self.keys) else ()))
        known = (one for one in (stage.segments, stage.lesions, *stage.extras) if one in layers)
        return tuple(one for one in known if one in stays or (one.visible and _is_for_panes(one)))

    def _describe(self) -> str:
        """The phase in view, how it is linked, or the subtraction, for the caption."""
        if not self.keys:
            return "no phase"
        parts = (self.names[self.keys[0]], self._notes.get(self.keys[0], ""))
        # A remark in brackets on a line of its own: the line would run into the letter above.
        return ", ".join(part for part in parts if part).replace(" (", "\n(")

    def _show_difference(self, made: Difference) -> None:
        self.panes.clear()
        self._drop_difference()
        self._difference = difference_layer(made)
        layers, active = self.viewer.layers, self.viewer.layers.selection.active
        layers.insert(layers.index(next(iter(self.stage.phases.values()))), self._difference)
        layers.selection.active = active
        self.count = 1
        self._lay_out([DIFFERENCE])

    def _drop_difference(self) -> None:
        if self._difference is not None and self._difference in self.viewer.layers:
            self.viewer.layers.remove(self._difference)
        self._difference = None

    def _forget(self) -> None:
        """The exam leaves the viewer: nothing of it stays in a pane."""
        self.left.emit()
        self.panes.clear()
        self._drop_difference()
        self.marks.forget()
        self.windows, self.cursor_mm, self.focus, self.pair = None, None, "", ("", "")

    def _on_shown(self) -> None:
        exam = self._loaded().exam
        self.windows = Windows(exam, dict(self.stage.phases))
        self.begin(self._loaded().scene.frame)
        self._notes = link_notes(exam)
        best = self.suggest(2)
        self.pair = (best[0], best[-1])
        self._lay_out(self.suggest(self.count) if self.count > 1 else [exam.reference])

    def _on_inserted(self, event: Any) -> None:
        """A layer that every pane shows may have come."""
        if _is_for_panes(event.value):
            event.value.events.visible.connect(self._tint)
            self._tint()

    def _leave_gaps_out(self) -> None:
        """The map was taken away: the panes close up. Not while the viewer is being emptied."""
        layers, there = self.viewer.layers, (self.stage.lesions, *self.stage.phases.values())
        gone = any(label not in layers for label in self.panes.labels)
        if self.panes.paned and gone and all(one in layers for one in there):
            self._lay_out(self.keys)

    def _tint(self, _event: Any = None) -> None:
        """Segments, numerals and landmarks stand in the panes only while they are shown."""
        if self.panes.paned and self._seen_everywhere(self.keys) != self.panes.labels:
            self._lay_out(self.keys)

    def _follow_lesion(self) -> None:
        """The cross-hair goes to the middle of a lesion that was chosen, in the slice shown."""
        bench, scene = self.bench, self.stage.scene
        if scene is None or bench.lesion == self._lesion:
            return
        self._lesion = bench.lesion
        number = next((row.number for row in bench.lesions() if row.name == bench.lesion), None)
        position = int(self.viewer.dims.current_step[0])
        drawn = np.argwhere(np.asarray(self.stage.lesions.data[position]) == number)
        if drawn.size:
            down, right = drawn.mean(axis=0) * scene.frame.spacing_mm[1:]
            self.go_to((position * scene.frame.spacing_mm[0], float(down), float(right)))

    def _on_move(self, _viewer: Any, event: Any) -> None:
        if self.stage.scene is None or len(event.position) < 3:
            return
        z, down, right = (float(value) for value in event.position[-3:])
        self.hover((z, down, right), key=self.panes.key_at(event.viewbox))

    def _on_drag(self, viewer: Any, event: Any) -> Iterator[None] | None:
        """Shift and a click: the cross-hair. Right button: window and level."""
        active = viewer.layers.selection.active
        drawing = active is not None and active.mode != "pan_zoom"
        if self.stage.scene is not None and event.button == 1 and "Shift" in event.modifiers:
            if not drawing:
                z, down, right = (float(value) for value in event.position[-3:])
                self.go_to((z, down, right))
                event.handled = True
            return None
        self.focus = self.panes.key_at(event.viewbox) or self.focus
        return drag_window(viewer, event, change=self.drag)


def _is_for_panes(layer: Any) -> bool:
    return layer.name == SEGMENTS or bool(layer.metadata.get(IN_PANES))


def _in_time(item: SeriesVolume) -> int:
    phase = item.call.phase
    return DYNAMIC_PHASES.index(phase) if phase in DYNAMIC_PHASES else len(DYNAMIC_PHASES)

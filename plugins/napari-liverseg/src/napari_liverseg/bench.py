"""`Bench`: an open case. Joins viewer, drawing and case file; holds no widget.

Every change of the lesion layer goes the same way: it is compared with what was last
handed on, the masks that changed are copied, and one worker writes them through the
library. Strokes drawn meanwhile wait and are written next. Numbers that follow from the
masks are renewed when nothing else waits; a stroke stops that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from psygnal import Signal

from liverseg.records import Progress
from napari_liverseg import keys
from napari_liverseg.axes import Axes
from napari_liverseg.drawing import Drawing
from napari_liverseg.edits import Edits
from napari_liverseg.errands import Errands, Runner, Soon, StoppedError, Throttle
from napari_liverseg.looking import Looking
from napari_liverseg.reading import Reading
from napari_liverseg.renewal import Renewal
from napari_liverseg.scene import Scene
from napari_liverseg.sheet import Sheet
from napari_liverseg.stage import Stage
from napari_liverseg.state import LIVER
from napari_liverseg.store import NO_NUMBERS, Loaded, Mask, NewMask, Store, Written
from napari_liverseg.tools import Tools
from napari_liverseg.undoing import Undoing
from napari_liverseg.word_cells import WordCells

#: A job for the worker, what comes of it, and what if it fails.
Order = tuple[Callable[[Progress], Any], Callable[[Any], None], Callable[[Exception], None]]


class Bench(Sheet):
    """A case in a viewer.

    Methods of `store` run in the worker, by `order`. Signals: `shown` when an exam was laid
    out in the viewer (its values are in `loaded`), `refreshed` when rows changed,
    `told(text, level)` with level "info", "warning" or "error" (an empty text clears),
    `progressed(text, share)`.
    """

    shown = Signal()
    #: There are new numbers; what is ordered now goes before the next renewal and words.
    accepted = Signal()
    refreshed = Signal()
    progressed = Signal(str, float)

    def __init__(
        self, viewer: Any, store: Store, runner: Runner, *, path: Path, throttle: Throttle
    ) -> None:
        super().__init__()
        self.viewer, self.path = viewer, path
        self.exam_ids = tuple(store.exam_ids())
        self.exam_id = self.read_only = ""
        self.elsewhere: tuple[str, ...] = ()
        self.stage = Stage(viewer)
        self.loaded: Loaded | None = None
        #: Called by `hand_on`: looks for what was drawn besides lesions, and orders its writing.
        self.lookers: list[Callable[[], None]] = []
        self.looking = Looking(self)
        self.store = store
        self._errands = Errands(runner, progress=self.progressed.emit, then=self._next)
        self._edited = Soon(throttle, self._hand_on_noticed)
        self._made: dict[str, NewMask] = {}
        self._orders: deque[Order] = deque()
        self._renewal = Renewal(
            self._errands, store, done=self._on_renewed, failed=self._on_not_renewed
        )
        self._reading = Reading()
        self.words = WordCells(self, self._errands, store)
        self.undoing: Undoing = Undoing(self)
        self.axes: Axes = Axes(self)
        self.tools: Tools = Tools(self)
        keys.bind(self)
        self._replace = self._closed = False

    @property
    def is_idle(self) -> bool:
        """Nothing is being read or written, nothing waits for it, nothing drawn is unlooked at."""
        waits = self._edits.waiting or self._orders or self._renewal.waits or self._reading.wanted
        return not (self._errands.busy or waits or self._edited.due or self.stage.in_stroke)

    def notice(self) -> None:
        """Something was drawn: `hand_on` a moment later, once for many."""
        self._edited()

    @property
    def is_reading(self) -> bool:
        """The images of an exam are being read."""
        return self._reading.runs

    def load(self, exam_id: str, *, may_lose: bool = False) -> None:
        """Show an exam, also the present one anew; what was drawn is written first.

        What cannot be written keeps the present exam in view, unless it `may_lose` it.
        """
        if exam_id not in self.exam_ids:
            self.tell(f"there is no exam {exam_id}; there are {', '.join(self.exam_ids)}", "error")
            return
        self.hand_on()
        if not self.is_outdated:
            self._renewal.forget()
        self.stage.allow_drawing(False)
        self._reading.ask(exam_id, may_lose=may_lose)
        self._next()

    def choose(self, lesion: str) -> None:
        """Take a lesion for brush and curve, and go to the slice it was measured on."""
        row = next((row for row in self.lesions() if row.name == lesion), None)
        if row is None:
            return
        self.lesion = lesion
        self.stage.select(row.number)
        if row.slice is not None:
            self.stage.go_to_slice(row.slice)
        self.refreshed.emit()

    def new_lesion(self, name: str) -> bool:
        """Take the next free number for a new lesion; it is stored with its first stroke."""
        if not self.begin_lesion(name):
            return False
        self.stage.take_brush()
        self.tell(f"draw {name.strip()} with the brush; it is stored with the first stroke", "info")
        return True

    def begin_lesion(self, name: str) -> bool:
        """Take the next free number for a lesion that has no voxel yet, and choose it."""
        name = name.strip()
        if self._drawing is None or self.read_only or not name:
            return False
        if name == LIVER or any(row.name == name for row in self.lesions()):
            self.tell(f"the name {name!r} is taken: choose another one", "error")
            return False
        self._drawing.number_for(name)
        self._edits.begin(name)
        self.choose(name)
        return True

    def drop_lesion(self, name: str) -> None:
        """Forget a lesion that was begun and never got a voxel."""
        self._edits.forget(name)
        if self.lesion == name:
            rows = self.lesions()
            self.lesion = ""
            self.choose(rows[0].name if rows else "")

    def put_mask(self, name: str, made: NewMask) -> None:
        """Show the mask that a tool made and send it on its way to the case."""
        self._show(name, made.mask, taken=False)
        self._made[name] = made
        self.hand_on()

    def show_stored(self, masks: Mapping[str, Mask | None]) -> None:
        """Show masks that the case holds, or will hold in a moment (None: gone)."""
        for name, mask in masks.items():
            self._edits.forget(name)
            self._show(name, mask, taken=True)

    def _show(self, name: str, mask: Mask | None, *, taken: bool) -> None:
        assert self._drawing is not None
        assert self.stage.scene is not None
        shown = None if mask is None else self.stage.scene.frame.turn.shown(mask)
        layer = self.stage.lesions
        self._drawing.put(layer.data, self._drawing.number_for(name), shown, taken=taken)
        layer.refresh()

    def remove_lesion(self, name: str) -> None:
        """Take a lesion out of the case; the case file's history and Ctrl+Z keep it."""
        if self._drawing is None or self.read_only or self._drawing.number_of(name) is None:
            return
        exam_id = self.exam_id

        def removed(written: Written) -> None:
            self.show_stored({name: None})
            self.accept(written)

        self.order(lambda _: self.store.remove(exam_id, name), removed)

    def order(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Have `job(progress)` done in the worker, after all that was drawn is written.

        `done(result)` or `failed(error)` comes in the thread of the window; without `failed`
        the error is told.
        """
        self.hand_on()
        self._orders.append((job, done, failed or self.tell_error))
        self._errands.give_way()
        self._next()

    def go_on(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """From `done` of an order: the next job of the same matter, before anything else."""
        self._errands.run(job, done, failed or self.tell_error)

    def hand_on(self) -> None:
        """Look for drawn changes and send the lesions that changed on their way."""
        if self._drawing is not None:
            self._drawing.notice(None)
        self._hand_on_noticed()

    def _notice(self, slices: Iterable[int] | None) -> None:
        if self._drawing is not None:
            self._drawing.notice(slices)
        self._edited()

    def _hand_on_noticed(self) -> None:
        if self._closed or self._drawing is None or self.stage.in_stroke:
            return
        changed = self._drawing.take_noticed(self.stage.lesions.data)
        for number in changed:
            if number not in self._drawing.names:
                name = self._drawing.name_for(number)
                self.tell(f"label {number} had no lesion; it is stored as {name}", "warning")
            self._edits.change(self._drawing.names[number], number)
        for look in self.lookers:
            look()
        if changed:
            self._errands.give_way()
            self._next()

    def save_again(self) -> None:
        """Write what could not be written, now also over another window's drawing."""
        self._replace = True
        self._edits.try_again()
        self.hand_on()
        self._next()

    def flush(self) -> bool:
        """Write all that was drawn, now, and wait for it. False if something is unsaved.

        An exam that is being read is not waited for; numbers of what was drawn are.
        """
        self._reading.ask("")
        self.words.forget()
        self.stage.in_stroke = False
        if not self.is_outdated:
            self._renewal.forget()
            if not self._edits.writing:
                self._errands.stop()
        self.hand_on()
        self._edits.try_again()
        self._next()
        while self._errands.busy or self._edits.waiting or self._orders or self._renewal.waits:
            self._errands.wait()
        return not self.unsaved

    def close(self) -> None:
        """Write what is left and let go of viewer and worker."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        self.tools.close()
        keys.unbind(self.viewer)
        self._errands.close()
        self.looking.close()
        self.stage.close()

    def _next(self) -> None:
        """Start the next job: what was drawn, orders, numbers, an exam asked for, words."""
        if not self._errands.busy:
            if self._edits.waiting:
                self._write()
            elif self._orders:
                self._errands.run(*self._orders.popleft())
            elif self._renewal.waits:
                self._renewal.run(self.exam_id)
            elif self._reading.wanted:
                self._read()
            elif self.words.waits:
                self.words.run()
        self.refreshed.emit()

    def _write(self) -> None:
        assert self._drawing is not None
        assert self.stage.scene is not None
        exam_id, turn, drawing = self.exam_id, self.stage.scene.frame.turn, self._drawing
        replace, self._replace = self._replace, False
        masks = {
            name: turn.stored(drawing.mask_of(number))
            for name, number in self._edits.start().items()
        }
        made = {name: self._made.pop(name) for name in list(self._made) if name in masks}

        def arrived(written: Written) -> None:
            self._made.update({name: made[name] for name in written.failures if name in made})
            self.accept(written)

        def refused(error: Exception) -> None:
            self._made.update(made)
            self._on_not_written(error)

        self._errands.run(
            lambda _: self.store.write(exam_id, masks, replace=replace, made=made),
            arrived,
            refused,
        )

    def _read(self) -> None:
        wanted = self._reading.take()
        if self.unsaved and not self._reading.may_lose:
            self.stage.allow_drawing(not self.read_only)
            self.tell(f"{', '.join(self.unsaved)}: save it first ('Save again')", "error")
            return
        self.tell(f"reading {wanted} ...", "info")
        read = self._reading.start(self.store, wanted)

        def on_progress(text: str, share: float) -> None:
            for scene in self._reading.arrivals():
                self._show_early(scene, wanted)
            self.progressed.emit(text, share)

        self._errands.run(read, self._on_loaded, self._on_not_loaded, progress=on_progress)

    def _show_early(self, scene: Scene, exam_id: str) -> None:
        """The reference series to look at while the others are read; nothing can be drawn."""
        self._drawing, self.numbers, self.exam_id, self.loaded = None, NO_NUMBERS, "", None
        self.stage.show(scene, title=exam_id, early=True)
        self.stage.allow_drawing(False)

    def stop_reading(self) -> None:
        """Give up reading an exam; what is shown of it so far stays to be looked at."""
        self._reading.ask("")
        if self._reading.runs:
            self._errands.stop()

    def _on_loaded(self, loaded: Loaded) -> None:
        self._reading.end()
        self.exam_id, self.numbers = loaded.exam.exam_id, loaded.numbers
        self.loaded = loaded
        self._drawing, self._edits, self._made = Drawing(loaded.scene.lesions), Edits(), {}
        self.others_unsaved.clear()
        self.elsewhere, self.read_only = (), loaded.read_only
        title = " ".join(part for part in (loaded.exam.date, loaded.exam.modality) if part)
        self.stage.show(loaded.scene, title=title or self.exam_id)
        self.stage.watch(self._notice)
        self.stage.allow_drawing(not self.read_only)
        self.tell(loaded.warning, "warning" if loaded.warning else "info")
        present, self.lesion = self.lesion, ""
        names = [row.name for row in self.lesions()]
        self.shown.emit()
        if names:
            self.choose(present if present in names else names[0])
        self._renewal.ask(not self.read_only)

    def _on_not_loaded(self, error: Exception) -> None:
        self._reading.end()
        self.stage.allow_drawing(bool(self.exam_id) and not self.read_only)
        if isinstance(error, StoppedError):
            self.tell("reading was stopped: 'Read again' reads the exam", "info")
        else:
            self.tell_error(error)

    def accept(self, written: Written) -> None:
        """What the case holds after a write; faults are told."""
        self.numbers, self.elsewhere = written.numbers, written.elsewhere
        self._renewal.ask(written.numbers.outdated)
        self._edits.settle(written.failures)
        for error in written.failures.values():
            self.tell_error(error)
        if not written.failures and self.elsewhere:
            names = ", ".join(self.elsewhere)
            self.tell(f"another window changed {names}: 'Read again' shows it", "warning")
        elif not written.failures and self.last_message[1] == "error":
            self.tell("", "info")
        self.accepted.emit()

    def _on_renewed(self, written: Written) -> None:
        self.numbers, self.elsewhere = written.numbers, written.elsewhere
        self.accepted.emit()

    def _on_not_renewed(self, error: Exception) -> None:
        if self.is_outdated:
            self.tell(f"what is drawn is stored, its numbers are not: {error}", "error")

    def _on_not_written(self, error: Exception) -> None:
        self._edits.settle(dict.fromkeys(self._edits.writing, error))
        self.tell_error(error)

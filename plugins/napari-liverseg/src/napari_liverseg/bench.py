"""`Bench`: an open case. Joins viewer, drawing and case file; holds no widget.

Every change of the lesion layer goes the same way: it is compared with what was last
handed on, the masks that changed are copied, and one worker writes them through the
library. Strokes drawn meanwhile wait and are written next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

from psygnal import Signal

from liverseg.errors import EmptyLabelError, LiversegError
from liverseg.records import Progress
from napari_liverseg.drawing import Drawing
from napari_liverseg.stage import Stage
from napari_liverseg.state import ClaimRow, Curve, LesionRow, claim_rows, curve_of, lesion_rows
from napari_liverseg.store import Loaded, Numbers, Store, Written

LOG = logging.getLogger(__name__)
Throttle = Callable[[Callable[[], None]], Callable[[], None]]


class Runner(Protocol):
    """Runs jobs one after another away from the window; answers arrive in its thread."""

    def submit(
        self,
        job: Callable[[Progress], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Progress,
    ) -> None: ...

    def wait(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    """A case in a viewer.

    Signals: `refreshed` when rows changed, `told(text, level)` with level "info",
    "warning" or "error" ("" clears), `progressed(text, share)`, `chosen(lesion)`.
    """

    refreshed = Signal()
    told = Signal(str, str)
    progressed = Signal(str, float)
    chosen = Signal(str)
    TITLE: ClassVar[str] = "liverseg"

    def __init__(
        self,
        viewer: Any,
        store: Store,
        runner: Runner,
        *,
        path: Path,
        throttle: Throttle = lambda act: act,
    ) -> None:
        self.viewer, self.path = viewer, path
        self.stage = Stage(viewer)
        self.exam_id = ""
        self.exam_ids = tuple(store.exam_ids())
        self.lesion = ""
        self.last_message = ("", "")
        self._store, self._runner = store, runner
        self._edited = throttle(self.hand_on)
        self._drawing: Drawing | None = None
        self._numbers: Numbers | None = None
        self._waiting: dict[str, int] = {}
        self._writing: dict[str, int] = {}
        self._unsaved: dict[str, int] = {}
        self._fresh: set[str] = set()
        self._notes: dict[str, str] = {}
        self._removals: list[str] = []
        self._wanted_exam = ""
        self._busy = False
        self._closed = False

    # -- what the tables show ------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Nothing is being read or written, and nothing waits for it."""
        return not (self._busy or self._waiting or self._removals or self._wanted_exam)

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Lesions whose last change could not be written."""
        return tuple(self._unsaved)

    def lesions(self) -> tuple[LesionRow, ...]:
        """Rows of the lesion table."""
        if self._drawing is None or self._numbers is None:
            return ()
        listed = {*self._numbers.lesions, *self._fresh, *self._waiting, *self._unsaved}
        names = {n: name for n, name in self._drawing.names.items() if name in listed}
        return lesion_rows(names, self._numbers.measurements)

    def note_of(self, lesion: str) -> str:
        """A word on a lesion's state: "saving", "not saved", ... or ""."""
        if lesion in self._waiting or lesion in self._writing:
            return "saving"
        return self._notes.get(lesion, "not drawn yet" if lesion in self._fresh else "")

    def curve(self) -> Curve:
        """Enhancement of the chosen lesion."""
        rows = () if self._numbers is None else self._numbers.measurements
        return curve_of(rows, self.lesion)

    def claims(self) -> tuple[ClaimRow, ...]:
        """Rows of the claim table."""
        return claim_rows(None if self._numbers is None else self._numbers.comparison)

    # -- what a person does --------------------------------------------------------------

    def load(self, exam_id: str) -> None:
        """Show an exam; what was drawn on the present one is written first."""
        if exam_id not in self.exam_ids:
            self.tell(f"there is no exam {exam_id}; there are {', '.join(self.exam_ids)}", "error")
            return
        self.hand_on()
        if self.stage.lesions is not None:
            self.stage.lesions.editable = False
        self._wanted_exam = exam_id
        self._next()

    def choose(self, lesion: str, *, travel: bool = True) -> None:
        """Take a lesion for the brush and the curve; `travel` goes to its measured slice."""
        row = next((row for row in self.lesions() if row.name == lesion), None)
        if row is None:
            return
        self.lesion = lesion
        self.stage.select(row.number)
        if travel and row.slice is not None:
            self.stage.go_to_slice(row.slice)
        self.chosen.emit(lesion)

    def show_claim(self, claim: ClaimRow) -> None:
        """Go to the lesion, phase and slice that a claim was tested on, if it is this exam."""
        names = [part.strip() for part in claim.lesion.split(",")]
        here = {row.name for row in self.lesions()}
        series = next((key for key in self.stage.phases if key == claim.series_uid), None)
        if claim.series_uid and series is None:
            self.tell(f"claim {claim.id} was tested on another exam ({claim.date})", "info")
            return
        lesion = next((name for name in names if name in here), None)
        if lesion is not None:
            self.choose(lesion)
        if series is not None:
            self.stage.show_phase(series)
            self.refreshed.emit()
        if claim.slice is not None and series is not None:
            self.stage.go_to_slice(claim.slice)

    def new_lesion(self, name: str) -> bool:
        """Take the next free number for a new lesion; it is stored with its first stroke."""
        name = name.strip()
        if self._drawing is None or not name:
            return False
        if any(row.name == name for row in self.lesions()) or name == "liver":
            self.tell(f"the name {name!r} is taken: choose another one", "error")
            return False
        number = self._drawing.number_of(name) or self._drawing.next_free()
        self._drawing.names[number] = name
        self._fresh.add(name)
        self.refreshed.emit()
        self.choose(name)
        self.stage.lesions.mode = "paint"
        self.tell(f"draw {name} with the brush; it is stored with the first stroke", "info")
        return True

    def remove_lesion(self, name: str) -> None:
        """Take a lesion out of the case; the case file's history and Ctrl+Z keep it."""
        if self._drawing is None or self._drawing.number_of(name) is None:
            return
        self.hand_on()
        self._removals.append(name)
        self._next()

    # -- edits on their way to the case file ---------------------------------------------

    def hand_on(self) -> None:
        """Look for drawn changes and send the lesions that changed on their way."""
        if self._closed or self._drawing is None or self.stage.lesions is None:
            return
        for number in self._drawing.take_changes(self.stage.lesions.data):
            if number not in self._drawing.names:
                name = self._drawing.name_for(number)
                self.tell(f"label {number} had no lesion; it is stored as {name}", "warning")
            self._waiting[self._drawing.names[number]] = number
        self._next()

    def save_again(self) -> None:
        """Try once more to write what could not be written."""
        self._waiting.update(self._unsaved)
        self._unsaved.clear()
        self._next()

    def flush(self) -> bool:
        """Write all that was drawn, now, and wait for it. False if something is unsaved."""
        self.hand_on()
        self.save_again()
        while self._busy or self._waiting or self._removals:
            self._runner.wait()
        return not self._unsaved

    def close(self) -> None:
        """Write what is left and let go of viewer and worker."""
        if self._closed:
            return
        self._wanted_exam = ""
        self.flush()
        self._closed = True
        self._runner.close()
        self.stage.close()

    def tell(self, text: str, level: str) -> None:
        """Put a line into the dock."""
        self.last_message = (text, level)
        self.told.emit(text, level)

    def _next(self) -> None:
        """Start the next job: first what was drawn, then an exam that was asked for."""
        if self._busy:
            self.refreshed.emit()
            return
        if self._waiting and self._drawing is not None:
            self._write()
        elif self._removals:
            self._remove(self._removals.pop(0))
        elif self._wanted_exam:
            self._read()

    def _read(self) -> None:
        wanted, self._wanted_exam = self._wanted_exam, ""
        self.tell(f"reading {wanted} ...", "info")
        self._submit(
            lambda progress: self._store.load(wanted, progress=progress),
            self._on_loaded,
            self._on_not_loaded,
        )

    def _remove(self, name: str) -> None:
        exam_id = self.exam_id

        def removed(written: Written) -> None:
            assert self._drawing is not None
            number = self._drawing.number_of(name)
            if number is not None:
                self.stage.erase(number)
                self._drawing.forget_hidden(number)
                self._drawing.take_changes(self.stage.lesions.data)
            for known in (self._waiting, self._unsaved, self._notes):
                known.pop(name, None)
            self._fresh.discard(name)
            self._on_written(written)

        self._submit(
            lambda _: self._store.remove(exam_id, name), removed, self._on_not_written
        )

    def _write(self) -> None:
        assert self._drawing is not None and self.stage.scene is not None
        # What failed before goes along; nothing waits for a second failure to be noticed.
        self._writing = {**self._unsaved, **self._waiting}
        self._waiting, self._unsaved = {}, {}
        turn = self.stage.scene.frame.turn
        masks = {
            name: turn.stored(self._drawing.mask_of(number))
            for name, number in self._writing.items()
        }
        exam_id = self.exam_id
        self._submit(
            lambda _: self._store.write(exam_id, masks), self._on_written, self._on_not_written
        )
        self.refreshed.emit()

    def _submit(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._busy = True
        self._runner.submit(job, done=done, failed=failed, progress=self.progressed.emit)

    def _on_loaded(self, loaded: Loaded) -> None:
        self._busy = False
        self.exam_id = loaded.exam.exam_id
        self._numbers = loaded.numbers
        self._drawing = Drawing(loaded.scene.lesions)
        self._fresh, self._notes = set(), {}
        title = " ".join(part for part in (loaded.exam.date, loaded.exam.modality) if part)
        self.stage.show(loaded.scene, title=title or self.exam_id)
        for event in (self.stage.lesions.events.paint, self.stage.lesions.events.data):
            event.connect(self._on_edit)
        self.stage.bind_undo(self._edited)
        doubts = "; ".join(doubt.reason for doubt in loaded.scene.doubts)
        self.tell(doubts, "warning" if doubts else "info")
        self.lesion = ""
        self.refreshed.emit()
        if names := [row.name for row in self.lesions()]:
            self.choose(names[0])
        self._next()

    def _on_edit(self, event: Any = None) -> None:
        self._edited()

    def _on_not_loaded(self, error: Exception) -> None:
        self._busy = False
        self._tell_error(error)
        if self.stage.lesions is not None:
            self.stage.lesions.editable = True
        self.refreshed.emit()
        self._next()

    def _on_written(self, written: Written) -> None:
        self._busy = False
        self._numbers = written.numbers
        self._settle(written.failures)
        if not written.failures and self.last_message[1] == "error":
            self.tell("", "info")
        self.refreshed.emit()
        self._next()

    def _on_not_written(self, error: Exception) -> None:
        self._busy = False
        self._settle(dict.fromkeys(self._writing, error))
        self._tell_error(error)
        self.refreshed.emit()
        self._next()

    def _settle(self, failures: Mapping[str, Exception]) -> None:
        """Note what became of each lesion that was on its way."""
        for name, number in self._writing.items():
            error = failures.get(name)
            self._notes.pop(name, None)
            if error is None:
                self._fresh.discard(name)
                continue
            # An empty lesion is not unsaved work: the case keeps its last drawing.
            if isinstance(error, EmptyLabelError):
                self._notes[name] = "nothing drawn, case unchanged"
            else:
                self._notes[name] = "not saved"
                self._unsaved.setdefault(name, number)
            self._tell_error(error)
        self._writing = {}

    def _tell_error(self, error: Exception) -> None:
        if not isinstance(error, LiversegError):
            LOG.error("unexpected error in the worker", exc_info=error)
        self.tell(str(error) or type(error).__name__, "error")

"""`Bench`: an open case. Joins viewer, drawing and case file; holds no widget.

Every change of the lesion layer goes the same way: it is compared with what was last
handed on, the masks that changed are copied, and one worker writes them through the
library. Strokes drawn meanwhile wait and are written next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from psygnal import Signal

from liverseg.errors import LiversegError
from liverseg.records import Progress
from napari_liverseg.drawing import Drawing
from napari_liverseg.edits import Edits
from napari_liverseg.stage import Stage
from napari_liverseg.state import ClaimRow, Curve, LesionRow, claim_rows, curve_of, lesion_rows
from napari_liverseg.store import Loaded, Numbers, Store, Written

LOG = logging.getLogger(__name__)
#: Wraps a call so that it comes *later*, and once for many: napari tells of an edit before
#: the voxels change.
Throttle = Callable[[Callable[[], None]], Callable[[], None]]
#: The liver itself in the measurement table; no lesion can have its name.
LIVER = "liver"


class Runner(Protocol):
    """Runs jobs one after another away from the window; answers arrive in its thread."""

    def submit(
        self,
        job: Callable[[Progress], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Progress,
    ) -> None:
        """Run `job(progress)`, then `done(result)` or `failed(error)`."""
        ...

    def wait(self) -> None:
        """Wait for the job that was submitted last, and deliver its answer."""
        ...

    def close(self) -> None:
        """Wait for what runs; nothing can be submitted afterwards."""
        ...


class Bench:
    """A case in a viewer.

    Signals: `refreshed` when rows changed, `told(text, level)` with level "info",
    "warning" or "error" (an empty text clears), `progressed(text, share)`.
    """

    refreshed = Signal()
    told = Signal(str, str)
    progressed = Signal(str, float)

    def __init__(
        self, viewer: Any, store: Store, runner: Runner, *, path: Path, throttle: Throttle
    ) -> None:
        self.viewer, self.path = viewer, path
        self.exam_ids = tuple(store.exam_ids())
        self.exam_id = ""
        self.lesion = ""
        self.last_message = ("", "")
        self.stage = Stage(viewer)
        self._store, self._runner = store, runner
        self._edited = throttle(self.hand_on)
        self._drawing: Drawing | None = None
        self._numbers: Numbers | None = None
        self._edits = Edits()
        self._removals: list[str] = []
        self._wanted_exam = ""
        self._busy = False
        self._closed = False

    # -- what the tables show ------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Nothing is being read or written, and nothing waits for it."""
        return not (self._busy or self._edits.waiting or self._removals or self._wanted_exam)

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Lesions whose last change could not be written."""
        return tuple(self._edits.unsaved)

    def lesions(self) -> tuple[LesionRow, ...]:
        """Rows of the lesion table."""
        if self._drawing is None or self._numbers is None:
            return ()
        listed = {*self._numbers.lesions, *self._edits.names}
        names = {n: name for n, name in self._drawing.names.items() if name in listed}
        return lesion_rows(names, self._numbers.measurements)

    def note_of(self, lesion: str) -> str:
        """A word on a lesion's state: "saving", "not saved", ... or ""."""
        return self._edits.note_of(lesion)

    def curve(self) -> Curve:
        """Enhancement of the chosen lesion."""
        return curve_of(() if self._numbers is None else self._numbers.measurements, self.lesion)

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
        self.stage.allow_drawing(False)
        self._wanted_exam = exam_id
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

    def show_claim(self, claim: ClaimRow) -> None:
        """Go to the lesion, phase and slice that a claim was tested on, if it is this exam."""
        series = next((key for key in self.stage.phases if key == claim.series_uid), None)
        if claim.series_uid and series is None:
            self.tell(f"claim {claim.id} was tested on another exam ({claim.date})", "info")
            return
        here = {row.name for row in self.lesions()}
        names = [part.strip() for part in claim.lesion.split(",")]
        if lesion := next((name for name in names if name in here), None):
            self.choose(lesion)
        if series is not None:
            self.stage.show_phase(series)
            if claim.slice is not None:
                self.stage.go_to_slice(claim.slice)
            self.refreshed.emit()

    def new_lesion(self, name: str) -> bool:
        """Take the next free number for a new lesion; it is stored with its first stroke."""
        name = name.strip()
        if self._drawing is None or not name:
            return False
        if name == LIVER or any(row.name == name for row in self.lesions()):
            self.tell(f"the name {name!r} is taken: choose another one", "error")
            return False
        number = self._drawing.number_of(name) or self._drawing.next_free()
        self._drawing.names[number] = name
        self._edits.begin(name)
        self.choose(name)
        self.stage.take_brush()
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
            self._edits.change(self._drawing.names[number], number)
        self._next()

    def save_again(self) -> None:
        """Try once more to write what could not be written."""
        self._edits.try_again()
        self._next()

    def flush(self) -> bool:
        """Write all that was drawn, now, and wait for it. False if something is unsaved."""
        self.hand_on()
        self.save_again()
        while self._busy or self._edits.waiting or self._removals:
            self._runner.wait()
        return not self._edits.unsaved

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
        """Start the next job: what was drawn, then removals, then an exam asked for."""
        if not self._busy:
            if self._edits.waiting:
                self._write()
            elif self._removals:
                self._remove(self._removals.pop(0))
            elif self._wanted_exam:
                self._read()
        self.refreshed.emit()

    def _submit(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._busy = True

        def free(answer: Callable[[Any], None], value: Any) -> None:
            self._busy = False
            answer(value)
            self._next()

        self._runner.submit(
            job,
            done=lambda result: free(done, result),
            failed=lambda error: free(failed, error),
            progress=self.progressed.emit,
        )

    def _write(self) -> None:
        assert self._drawing is not None
        assert self.stage.scene is not None
        exam_id, turn, drawing = self.exam_id, self.stage.scene.frame.turn, self._drawing
        masks = {
            name: turn.stored(drawing.mask_of(number))
            for name, number in self._edits.start().items()
        }
        self._submit(
            lambda _: self._store.write(exam_id, masks), self._on_written, self._on_not_written
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
            self._edits.forget(name)
            self._on_written(written)

        self._submit(lambda _: self._store.remove(exam_id, name), removed, self._on_not_written)

    def _read(self) -> None:
        wanted, self._wanted_exam = self._wanted_exam, ""
        self.tell(f"reading {wanted} ...", "info")
        self._submit(
            lambda progress: self._store.load(wanted, progress=progress),
            self._on_loaded,
            self._on_not_loaded,
        )

    def _on_loaded(self, loaded: Loaded) -> None:
        self.exam_id, self._numbers = loaded.exam.exam_id, loaded.numbers
        self._drawing, self._edits = Drawing(loaded.scene.lesions), Edits()
        title = " ".join(part for part in (loaded.exam.date, loaded.exam.modality) if part)
        self.stage.show(loaded.scene, title=title or self.exam_id)
        self.stage.watch(self._edited)
        doubts = "; ".join(doubt.reason for doubt in loaded.scene.doubts)
        self.tell(doubts, "warning" if doubts else "info")
        self.lesion = ""
        if names := [row.name for row in self.lesions()]:
            self.choose(names[0])

    def _on_not_loaded(self, error: Exception) -> None:
        self.stage.allow_drawing(True)
        self._tell_error(error)

    def _on_written(self, written: Written) -> None:
        self._numbers = written.numbers
        self._edits.settle(written.failures)
        if not written.failures and self.last_message[1] == "error":
            self.tell("", "info")
        for error in written.failures.values():
            self._tell_error(error)

    def _on_not_written(self, error: Exception) -> None:
        self._edits.settle(dict.fromkeys(self._edits.writing, error))
        self._tell_error(error)

    def _tell_error(self, error: Exception) -> None:
        if not isinstance(error, LiversegError):
            LOG.error("unexpected error in the worker", exc_info=error)
        self.tell(str(error) or type(error).__name__, "error")

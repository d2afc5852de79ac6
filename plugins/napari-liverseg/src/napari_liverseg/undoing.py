"""Undo and redo in the window: the mask first, the numbers when they are made. No Qt.

napari's own undo knows one layer, of this session, and tells nobody. Here a step is a step
of the case file: any lesion, any exam, also after a restart. What the step brings is read
at once and shown; then the case follows in the worker, and measurements after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_liverseg.edits import EMPTY
from napari_liverseg.store import Coming, Mask, StepRow, Written

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench

DONE = {"undo": "undone", "redo": "done again"}
LABELS = {"undo": "Undo", "redo": "Redo"}


class Undoing:
    """Takes steps back and does them again, one after another as they are asked for."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._asked = 0
        self._to_say = ("", "")
        bench.shown.connect(self._on_shown)

    def label(self, word: str) -> str:
        """What a button says: "Undo: edit lesion R7", or "" when nothing is left."""
        step: StepRow | None = getattr(self._bench.numbers.steps, word)
        return "" if step is None else f"{LABELS[word]}: {self._name(step)}"

    def undo(self) -> None:
        """Take the last step back."""
        self._turn("undo")

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self._turn("redo")

    def _turn(self, word: str) -> None:
        bench = self._bench
        if not bench.exam_id or bench.stage.in_stroke:
            return
        if self._refused(word):
            return
        bench.hand_on()
        self._asked += 1
        bench.stage.hold()
        bench.order(
            lambda _: bench.store.coming(word),
            lambda coming: self._show(word, coming),
            self._failed,
        )

    def _refused(self, word: str) -> bool:
        """Whether that cannot be done now; says why."""
        bench = self._bench
        names = ", ".join(bench.unsaved)
        reason = bench.read_only or (f"{names} is not saved: save it first" if names else "")
        if reason:
            bench.tell(f"cannot {word} now: {reason}", "error")
        return bool(reason)

    def _cleared(self) -> tuple[str, ...]:
        """Lesions without a voxel in the picture, which the case therefore did not take."""
        rows = self._bench.lesions()
        return tuple(row.name for row in rows if self._bench.note_of(row.name) == EMPTY)

    def _bring_back(self, names: tuple[str, ...], masks: Mapping[str, Mask]) -> None:
        self._bench.show_stored({name: masks.get(name) for name in names})
        self._let_draw()
        self._bench.tell(f"{', '.join(names)}: as the case has it", "info")

    def _show(self, word: str, coming: Coming | None) -> None:
        bench = self._bench
        if self._refused(word):  # the last stroke could not be written meanwhile
            self._let_draw()
            return
        if word == "undo" and (names := self._cleared()):
            # Erased whole: the case refused that, so there is no step, but a picture to undo.
            bench.go_on(
                lambda _: bench.store.masks(bench.exam_id),
                lambda masks: self._bring_back(names, masks),
                self._failed,
            )
            return
        if coming is None:
            self._let_draw()
            bench.tell(f"nothing to {word}", "info")
            return
        step = coming.step
        if step != getattr(bench.numbers.steps, word):
            # Whoever did that did it in another window: nothing is undone unseen.
            self._let_draw()
            steps = replace(bench.numbers.steps, **{word: step})
            bench.numbers = replace(bench.numbers, steps=steps)
            bench.tell(
                f"another window has changed the case: the next step to {word} is now "
                f"'{self._name(step)}'; {word} once more if you mean that",
                "warning",
            )
            return
        if step.exam_id == bench.exam_id:
            bench.show_stored(coming.masks)
        self._let_draw()
        exam_id = bench.exam_id
        bench.go_on(
            lambda _: bench.store.turn(word, exam_id, step),
            lambda written: self._turned(word, step, written),
            lambda error: self._not_turned(error, step),
        )

    def _turned(self, word: str, step: StepRow, written: Written) -> None:
        bench = self._bench
        bench.accept(written)
        text = f"{DONE[word]}: {self._name(step)}"
        if step.exam_id and step.exam_id != bench.exam_id:
            self._go_to(step, text)
            return
        rows = [row.name for row in bench.lesions()]
        concerned = [name for name in step.lesions if name in rows]
        if concerned and bench.lesion not in concerned:
            bench.choose(concerned[0])
        elif bench.lesion not in rows and rows:
            bench.choose(rows[0])
        bench.tell(text, "info")

    def _go_to(self, step: StepRow, text: str) -> None:
        """Show the exam of a step that was undone elsewhere, then say what was undone."""
        self._to_say = (step.exam_id, text)
        self._bench.lesion = next(iter(step.lesions), "")  # chosen when the exam is laid out
        self._bench.load(step.exam_id)

    def _on_shown(self) -> None:
        (exam_id, text), self._to_say = self._to_say, ("", "")
        if text and exam_id == self._bench.exam_id:
            self._bench.tell(text, "info")

    def _not_turned(self, error: Exception, step: StepRow) -> None:
        """The case keeps what it had: show that again."""
        bench = self._bench

        def back(masks: Mapping[str, Mask]) -> None:
            if step.exam_id == bench.exam_id:
                bench.show_stored({name: masks.get(name) for name in step.lesions})
            bench.tell_error(error)

        bench.go_on(lambda _: bench.store.masks(bench.exam_id), back)

    def _failed(self, error: Exception) -> None:
        self._let_draw()
        self._bench.tell_error(error)

    def _let_draw(self) -> None:
        self._asked -= 1
        if self._asked == 0:
            self._bench.stage.release()

    def _name(self, step: StepRow) -> str:
        """The step's name, with its exam where that is not the one in view."""
        elsewhere = step.exam_id and step.exam_id != self._bench.exam_id
        return f"{step.name} in {step.exam_id}" if elsewhere else step.name

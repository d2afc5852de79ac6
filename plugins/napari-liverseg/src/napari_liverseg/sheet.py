"""What is known of the exam in view, and what a person is told of it. No Qt."""

from __future__ import annotations

import logging

from psygnal import Signal

from liverseg.errors import LiversegError
from napari_liverseg import state
from napari_liverseg.drawing import Drawing, Part
from napari_liverseg.edits import Edits
from napari_liverseg.errands import StoppedError
from napari_liverseg.state import ClaimRow, Curve, LesionRow
from napari_liverseg.store import NO_NUMBERS

LOG = logging.getLogger(__name__)


class Sheet:
    """Numbers as the case last gave them, with what is drawn and on its way.

    Signal `told(text, level)` with level "info", "warning" or "error"; an empty text clears.
    """

    told = Signal(str, str)

    def __init__(self) -> None:
        self.lesion = ""
        self.last_message = ("", "")
        self._drawing: Drawing | None = None
        #: Another object after each change of the case.
        self.numbers = NO_NUMBERS
        self._edits = Edits()
        #: What besides lesions could not be written, in words.
        self.others_unsaved: set[str] = set()

    @property
    def is_outdated(self) -> bool:
        """Masks are stored, but some numbers, pictures or verdicts are still older ones."""
        return self.numbers.outdated

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Lesions, and what else there is, whose last change could not be written."""
        return (*self._edits.unsaved, *sorted(self.others_unsaved))

    def part_of(self, number: int) -> Part | None:
        """The voxels of a lesion's number as last handed on, as displayed; None if it has none."""
        return None if self._drawing is None else self._drawing.part_of(number)

    def lesions(self) -> tuple[LesionRow, ...]:
        """Rows of the lesion table."""
        if self._drawing is None:
            return ()
        listed = {*self.numbers.lesions, *self._edits.names}
        names = {n: name for n, name in self._drawing.names.items() if name in listed}
        return state.lesion_rows(names, self.numbers.measurements)

    def note_of(self, lesion: str) -> str:
        """A word on a lesion's state: "saving", "not saved", ... or ""."""
        return self._edits.note_of(lesion)

    def is_fresh(self, lesion: str) -> bool:
        """Whether a lesion was begun and has no voxel in the case yet."""
        return self._edits.is_fresh(lesion)

    def curve(self) -> Curve:
        """Enhancement of the chosen lesion."""
        return state.curve_of(self.numbers.measurements, self.lesion)

    def claims(self) -> tuple[ClaimRow, ...]:
        """Rows of the claim table."""
        return state.claim_rows(self.numbers.comparison)

    def tell(self, text: str, level: str) -> None:
        """Put a line into the dock."""
        self.last_message = (text, level)
        self.told.emit(text, level)

    def tell_error(self, error: Exception) -> None:
        """Put an error into the dock."""
        if isinstance(error, StoppedError):
            return
        if not isinstance(error, LiversegError):
            LOG.error("unexpected error in the worker", exc_info=error)
        self.tell(str(error) or type(error).__name__, "error")

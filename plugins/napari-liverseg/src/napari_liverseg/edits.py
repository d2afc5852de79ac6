"""Which lesions are drawn, on their way, stored or refused. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Mapping

from liverseg.errors import EmptyLabelError

SAVING, NOT_SAVED, NOT_DRAWN = "saving", "not saved", "not drawn yet"
EMPTY = "nothing drawn, case unchanged"


class Edits:
    """The state of every lesion's last change, by lesion name.

    new -> waiting -> writing -> stored, or refused: *unsaved* (kept and tried again) or
    *empty* (the case keeps the last drawing that had a voxel).
    """

    def __init__(self) -> None:
        self.waiting: dict[str, int] = {}
        self.writing: dict[str, int] = {}
        self.unsaved: dict[str, int] = {}
        self._fresh: set[str] = set()
        self._notes: dict[str, str] = {}

    @property
    def names(self) -> set[str]:
        """Lesions that the case may not know yet, but a table must list."""
        return {*self._fresh, *self.waiting, *self.writing, *self.unsaved}

    def note_of(self, name: str) -> str:
        """A word on a lesion's state, "" when it is stored as drawn."""
        if name in self.waiting or name in self.writing:
            return SAVING
        return self._notes.get(name, NOT_DRAWN if name in self._fresh else "")

    def is_fresh(self, name: str) -> bool:
        """Whether the case does not have this lesion yet."""
        return name in self._fresh

    def begin(self, name: str) -> None:
        """A new lesion without a voxel so far."""
        self._fresh.add(name)

    def change(self, name: str, number: int) -> None:
        """A lesion was drawn on."""
        self.waiting[name] = number

    def start(self) -> Mapping[str, int]:
        """All that waits goes on its way, with what could not be written before."""
        self.writing = {**self.unsaved, **self.waiting}
        self.waiting, self.unsaved = {}, {}
        return dict(self.writing)

    def try_again(self) -> None:
        """What could not be written waits again."""
        self.waiting = {**self.unsaved, **self.waiting}
        self.unsaved = {}

    def settle(self, failures: Mapping[str, Exception]) -> None:
        """What was on its way has arrived, except for the failures."""
        for name, number in self.writing.items():
            error = failures.get(name)
            self._notes.pop(name, None)
            if error is None:
                self._fresh.discard(name)
            elif isinstance(error, EmptyLabelError):
                self._notes[name] = EMPTY
            else:
                self._notes[name] = NOT_SAVED
                self.unsaved[name] = number
        self.writing = {}

    def forget(self, name: str) -> None:
        """A lesion was taken out."""
        for numbers in (self.waiting, self.writing, self.unsaved):
            numbers.pop(name, None)
        self._notes.pop(name, None)
        self._fresh.discard(name)

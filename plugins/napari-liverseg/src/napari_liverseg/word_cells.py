"""Words of every lesion for the table, made one by one when nothing else waits. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_liverseg.errands import Errands, StoppedError
from napari_liverseg.store import Numbers, Store
from napari_liverseg.words_state import BLANK, MAKING, WordCell, no_words, word_cell

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench


class WordCells:
    """What the table says of each lesion of the exam in view.

    Words are made again where the lesion's version is another one (`Numbers.versions`), the
    chosen lesion first. Each lesion is a job of its own that gives way to anything else.
    """

    def __init__(self, bench: Bench, errands: Errands, store: Store) -> None:
        self._bench, self._errands, self._store = bench, errands, store
        self._cells: dict[str, tuple[int, WordCell]] = {}
        self._runs = False
        self._given_up: Numbers | None = None
        bench.shown.connect(self._on_shown)

    @property
    def waits(self) -> bool:
        """There is a lesion whose words are still to be made."""
        return bool(self._next())

    def cell(self, lesion: str) -> WordCell:
        """The words of a lesion as it is now; that they are being made; or nothing."""
        version = self._bench.numbers.versions.get(lesion)
        if version is None:
            return BLANK
        held = self._cells.get(lesion)
        return held[1] if held is not None and held[0] == version else MAKING

    def run(self) -> None:
        """Make the words of the next lesion."""
        numbers, name = self._bench.numbers, self._next()
        exam_id, version, rows = numbers.exam_id, numbers.versions[name], numbers.rows_of(name)

        def end(cell: WordCell | None) -> None:
            self._runs = False
            if cell is not None:
                self._cells[name] = (version, cell)

        def failed(error: Exception) -> None:
            reason = str(error) or type(error).__name__
            end(None if isinstance(error, StoppedError) else no_words(f"no words: {reason}"))

        self._runs = True
        self._errands.run_spare(
            lambda progress: self._store.portray(exam_id, name, rows, progress=progress),
            lambda found: end(word_cell(found.words)),
            failed,
        )

    def forget(self) -> None:
        """Leave it until something changes: the case is about to be closed."""
        self._given_up = self._bench.numbers
        if self._runs:
            self._errands.give_way()

    def _on_shown(self) -> None:
        """Versions are counted anew for each exam that is read."""
        self._cells = {}

    def _next(self) -> str:
        """The lesion whose words are to be made next, or ""."""
        numbers = self._bench.numbers
        if numbers is self._given_up:
            return ""
        names = sorted(numbers.versions, key=lambda name: name != self._bench.lesion)
        return next((name for name in names if self.cell(name) is MAKING), "")

"""`WordsDesk`: words and profile of the chosen lesion, made again after each change. No Qt."""

from __future__ import annotations

from typing import Any

from psygnal import Signal

from liverseg.lesions import Portrait
from napari_liverseg.bench import Bench
from napari_liverseg.state import Curve, curve_of
from napari_liverseg.words_state import Profile, WordRow, profile_of, word_rows


class WordsDesk:
    """The words of the lesion that is chosen on the bench; `changed` when there are others.

    They are made in the worker, after what was drawn is written and measured. A job that a
    newer stroke or choice made needless ends at once.
    """

    changed = Signal()

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.portrait: Portrait | None = None
        self.lesion = ""
        self.fault = ""
        self._wanted = False
        self._seen: Any = None
        self._turn = self._done = 0
        bench.accepted.connect(self._on_refreshed)  # else the renewal would be begun in vain
        bench.refreshed.connect(self._on_refreshed)
        bench.shown.connect(self._on_shown)

    @property
    def is_current(self) -> bool:
        """The words are of the lesion as it is drawn now."""
        return (
            self.portrait is not None
            and self.lesion == self.bench.lesion
            and self._done == self._turn
        )

    def want(self, on: bool = True) -> None:
        """Keep the words up to date from now on, or no longer."""
        self._wanted = on
        self._on_refreshed()

    def rows(self, *, all_words: bool) -> tuple[WordRow, ...]:
        """Words of the chosen lesion; none while another one is being looked at."""
        if self.portrait is None or self.lesion != self.bench.lesion:
            return ()
        return word_rows(self.portrait.words, all_words=all_words)

    def curve(self) -> Curve:
        """The lesion with rim and core, liver, spleen and aorta: from the rows of the case."""
        return curve_of(self.bench.numbers.measurements, self.bench.lesion, parts=True)

    def profile(self) -> Profile:
        """Means of the lesion's shells from its surface to its core."""
        if self.portrait is None or self.lesion != self.bench.lesion:
            return Profile("", ())
        return profile_of(self.portrait.profile, refusal=self.portrait.refusal)

    def _on_shown(self) -> None:
        self.portrait, self.lesion, self.fault, self._seen = None, "", "", None
        self.changed.emit()

    def _on_refreshed(self) -> None:
        bench = self.bench
        numbers = bench.numbers
        if not self._wanted or bench.loaded is None:
            return
        state = (bench.exam_id, bench.lesion, numbers)
        if self._seen is not None and all(a is b for a, b in zip(state, self._seen, strict=True)):
            return
        self._seen = state
        self._turn += 1
        turn, exam_id, lesion = self._turn, bench.exam_id, bench.lesion
        if lesion not in numbers.lesions:
            self._take(turn, lesion, None)
            return
        rows = [row for row in numbers.measurements if row.lesion == lesion]
        self.changed.emit()  # the curve is there already
        bench.order(
            lambda _: bench.store.portray(exam_id, lesion, rows) if turn == self._turn else None,
            lambda found: self._take(turn, lesion, found),
            lambda error: self._refuse(turn, error),
        )

    def _take(self, turn: int, lesion: str, found: Portrait | None) -> None:
        if turn == self._turn:
            self._done = turn
            self.portrait, self.lesion, self.fault = found, lesion, ""
            self.changed.emit()

    def _refuse(self, turn: int, error: Exception) -> None:
        """No words: said on the page, not across the bench, for nothing is lost."""
        if turn == self._turn:
            self._done = turn
            self.portrait, self.fault = None, str(error) or type(error).__name__
            self.changed.emit()

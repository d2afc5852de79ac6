"""Numbers that follow from masks: made anew when nothing more urgent waits. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Callable

from napari_liverseg.errands import Errands, StoppedError
from napari_liverseg.store import Store, Written


class Renewal:
    """Whether numbers are to be renewed, and whether that is on its way.

    `done(written)` or `failed(error)` tells how it ended; being stopped is no failure: it
    gave way to something more urgent, and begins anew afterwards.
    """

    def __init__(
        self,
        errands: Errands,
        store: Store,
        *,
        done: Callable[[Written], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.waits = self._runs = False
        self._errands, self._store = errands, store
        self._done, self._failed = done, failed

    def ask(self, wanted: bool) -> None:
        """Renew when nothing else waits."""
        self.waits = self.waits or wanted

    def run(self, exam_id: str) -> None:
        """Send it on its way."""
        self.waits, self._runs = False, True
        self._errands.run_spare(
            lambda progress: self._store.renew(exam_id, progress=progress),
            self._on_done,
            self._on_failed,
        )

    def forget(self) -> None:
        """It is not wanted any more."""
        self._errands.give_way()
        self.waits = self._runs = False

    def _on_done(self, written: Written) -> None:
        self._runs = False
        self._done(written)

    def _on_failed(self, error: Exception) -> None:
        stopped = isinstance(error, StoppedError)
        self.waits = self.waits or (stopped and self._runs)
        self._runs = False
        if not stopped:
            self._failed(error)

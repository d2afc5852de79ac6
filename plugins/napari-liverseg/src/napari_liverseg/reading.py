"""Which exam is to be read, and what of it can be seen before all is read. No Qt, no napari."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from liverseg.records import Progress
from napari_liverseg.scene import Scene
from napari_liverseg.store import Loaded, Store


class Reading:
    """An exam asked for, and the one on its way."""

    def __init__(self) -> None:
        self.wanted = ""
        self.may_lose = self.runs = False
        self._early: deque[Scene] = deque()

    def ask(self, exam_id: str, *, may_lose: bool = False) -> None:
        """Read this exam next; `may_lose` what could not be written of the present one."""
        self.wanted, self.may_lose = exam_id, may_lose

    def take(self) -> str:
        """The exam that was asked for, which is not asked for any more."""
        wanted, self.wanted = self.wanted, ""
        return wanted

    def start(self, store: Store, exam_id: str) -> Callable[[Progress], Loaded]:
        """A job for the worker that reads an exam; `arrivals` has what it shows early."""
        self.runs, self._early = True, deque()
        early = self._early

        def read(progress: Progress) -> Loaded:
            def show(scene: Scene) -> None:
                early.append(scene)
                progress("reading the other series", 0.0)  # wakes the window, which takes it

            return store.load(exam_id, early=show, progress=progress)

        return read

    def arrivals(self) -> Iterator[Scene]:
        """Scenes that came since, each once."""
        while self._early:
            yield self._early.popleft()

    def end(self) -> None:
        """It came to an end, well or not."""
        self.runs = False

"""Jobs in one worker thread, answers in the thread of the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from qtpy import QtCore

from liverseg.records import Progress
from napari_liverseg.errands import StoppedError

#: Changes within this time after a stroke are written together with it, ms. napari tells of
#: a stroke before its voxels change, so it cannot be nothing.
THROTTLE_MS = 30
#: What is drawn for each slice waits until the wheel rests for so long, ms.
STILL_MS = 150


class QtRunner(QtCore.QObject):
    """One thread, so that writes to a case file keep their order.

    napari's `thread_worker` has no way to wait for its answer, which closing a window
    needs; hence a plain executor and one Qt signal.
    """

    # qtpy makes this name itself, so its type hints do not list it.
    _arrived = QtCore.Signal()  # type: ignore[attr-defined]

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="liverseg")
        self._answers: deque[Callable[[], None]] = deque()
        self._running: Future[None] | None = None
        self._stop = Event()
        self._arrived.connect(self._deliver)

    def submit(
        self,
        job: Callable[[Progress], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Progress,
    ) -> None:
        """Run `job(progress)`; then `done(result)` or `failed(error)` in this thread."""
        self._stop.clear()

        def report(text: str, share: float) -> None:
            if self._stop.is_set():
                raise StoppedError
            self._answer(lambda: progress(text, share))

        def run() -> None:
            try:
                result = job(report)
            except Exception as error:  # noqa: BLE001  every fault must reach the window
                caught = error
                self._answer(lambda: failed(caught))
            else:
                self._answer(lambda: done(result))

        self._running = self._threads.submit(run)

    def stop(self) -> None:
        """Ask the running job to end at its next report of progress with `StoppedError`."""
        self._stop.set()

    def wait(self) -> None:
        """Wait for the job that was submitted last, and deliver its answer."""
        if self._running is not None:
            self._running.result()
        self._deliver()

    def close(self) -> None:
        """Wait for what runs; nothing can be submitted afterwards."""
        self._threads.shutdown(wait=True)
        self._deliver()

    def _answer(self, call: Callable[[], None]) -> None:
        self._answers.append(call)
        self._arrived.emit()

    def _deliver(self) -> None:
        while self._answers:
            self._answers.popleft()()


def throttled(act: Callable[[], None]) -> Callable[[], None]:
    """Call `act` a moment after the first of several calls, once for all."""
    timer = QtCore.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(THROTTLE_MS)
    timer.timeout.connect(act)

    def later() -> None:
        if not timer.isActive():
            timer.start()

    return later


def when_still(act: Callable[[], None], *, after_ms: int = STILL_MS) -> Callable[[], None]:
    """Call `act` once no call has come for a moment."""
    timer = QtCore.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(after_ms)
    timer.timeout.connect(act)
    return timer.start

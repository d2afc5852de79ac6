"""Work away from the window, one job after another. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from liverseg.records import Progress

#: Wraps a call so that it comes *later*, and once for many: napari tells of an edit before
#: the voxels change.
Throttle = Callable[[Callable[[], None]], Callable[[], None]]


class Soon:
    """A call that comes a moment later, once for many; `due` until it has come."""

    def __init__(self, throttle: Throttle, act: Callable[[], None]) -> None:
        self.due = False
        self._act, self._later = act, throttle(self._come)

    def __call__(self) -> None:
        """Ask for the call."""
        self.due = True
        self._later()

    def _come(self) -> None:
        self.due = False
        self._act()


class StoppedError(Exception):
    """A job that was asked to stop, and did."""


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

    def stop(self) -> None:
        """Ask the running job to end at its next report of progress with `StoppedError`."""
        ...

    def wait(self) -> None:
        """Wait for the job that was submitted last, and deliver its answer."""
        ...

    def close(self) -> None:
        """Wait for what runs; nothing can be submitted afterwards."""
        ...


class Errands:
    """At most one job on its way; after each answer `then()` may send the next."""

    def __init__(self, runner: Runner, *, progress: Progress, then: Callable[[], None]) -> None:
        self.busy = self._spare = False
        self._runner, self._progress, self._then = runner, progress, then

    def run(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        *,
        progress: Progress | None = None,
    ) -> None:
        """Send a job on its way; its progress goes to `progress`, else where all does."""
        self._send(job, done, failed, progress or self._progress, spare=False)

    def run_spare(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Send a job on its way that nobody waits for, and that `give_way` ends."""
        self._send(job, done, failed, _say_nothing, spare=True)

    def give_way(self) -> None:
        """Something more urgent has come: ask a spare job on its way to end early."""
        if self.busy and self._spare:
            self._runner.stop()

    def _send(
        self,
        job: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Progress,
        *,
        spare: bool,
    ) -> None:
        self.busy, self._spare = True, spare

        def free(answer: Callable[[Any], None], value: Any) -> None:
            self.busy = False
            answer(value)
            self._then()

        self._runner.submit(
            job,
            done=lambda result: free(done, result),
            failed=lambda error: free(failed, error),
            progress=progress,
        )

    def stop(self) -> None:
        """Ask the job on its way to end early."""
        if self.busy:
            self._runner.stop()

    def wait(self) -> None:
        """Wait for the job on its way, and for its answer."""
        self._runner.wait()

    def close(self) -> None:
        """Let go of the worker."""
        self._runner.close()


def _say_nothing(_text: str, _share: float) -> None:
    """Progress that nobody waits for."""

"""`Crew`: several objects at once, with one voice to whoever waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

from liverseg.errors import CancelledError
from liverseg.records import Progress
from liverseg.samples.checksums import CheckedFile
from liverseg.samples.s3 import AGAIN, PublicStore, RemoteObject
from liverseg.samples.transfer import Transfer, fetch_object
from liverseg.tables import load_table

#: How often the caller hears of the progress and is asked whether to go on.
TICK_S = 0.1


class Crew:
    """Fetches objects in threads; the first trouble or a wish to stop ends all of them.

    `received_bytes` counts what came over the network.
    """

    def __init__(self, store: PublicStore, cancelled: Callable[[], bool] | None = None) -> None:
        self._store = store
        self._cancelled = cancelled or (lambda: False)
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self._on_disk = 0
        self.received_bytes = 0

    def fetch_all(
        self, wanted: Sequence[tuple[RemoteObject, Path]], *, progress: Progress
    ) -> tuple[CheckedFile, ...]:
        """Make the file of each object; the results are in the order of `wanted`.

        Raises the first `InputError` or OSError of an object, and `CancelledError` when the
        caller wished to stop; then no thread is left at work.
        """
        workers = int(load_table("sample_fetch").number("workers"))
        total = sum(item.size_bytes for item, _ in wanted)
        pool = ThreadPoolExecutor(workers, thread_name_prefix="fetch")
        try:
            futures = [pool.submit(self._fetch, item, path) for item, path in wanted]
            self._watch(futures, total, progress)
            return tuple(future.result() for future in futures)
        except BaseException:
            self._stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _watch(
        self, futures: Sequence[Future[CheckedFile]], total: int, progress: Progress
    ) -> None:
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=TICK_S, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            finished = len(futures) - len(pending)
            share = self._on_disk / total if total else 1.0
            progress(
                f"{finished} of {len(futures)} files, "
                f"{self._on_disk / 1e6:.1f} of {total / 1e6:.1f} MB",
                min(share, 1.0),
            )
            if pending and self._cancelled():
                raise CancelledError("the transfer was cancelled", remedy=AGAIN)

    def _fetch(self, item: RemoteObject, path: Path) -> CheckedFile:
        path.parent.mkdir(parents=True, exist_ok=True)
        transfer = Transfer(item, path, self._count, self._count_received, self._stop_if_asked)
        return fetch_object(self._store, transfer)

    def _count(self, more: int) -> None:
        with self._counting:
            self._on_disk += more

    def _count_received(self, more: int) -> None:
        with self._counting:
            self._on_disk += more
            self.received_bytes += more

    def _stop_if_asked(self) -> None:
        if self._stop.is_set():
            raise CancelledError("the transfer was stopped", remedy=AGAIN)

"""Somebody who annotates until killed: strokes, new lesions, erasing, undo, removals.

    python tests/kills_annotator.py CASE LOG SEED

draws in a real napari window. `annotate` does the same without one. What was done is
written to LOG, outside of the case file and flushed to the disk, the moment it is done:
one JSON line with the time and the digest of every mask as drawn.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

#: Pauses between two actions, s: from a nervous hand to a thinking one.
PAUSES_S = (0.01, 0.02, 0.1, 0.4)


class Log:
    """Lines that outlive the process."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, masks: Mapping[str, str], *, first: bool = False) -> None:
        line = {"at": time.monotonic(), "first": first, "masks": dict(masks)}
        self._file.write(json.dumps(line).encode() + b"\n")
        os.fsync(self._file.fileno())


def digest(mask: np.ndarray) -> str:
    """A mask in a few letters."""
    return hashlib.sha1(np.packbits(np.ascontiguousarray(mask != 0)).tobytes()).hexdigest()[:16]


class Hand:
    """Does one thing after another to a bench."""

    def __init__(self, bench: Any, log: Log, seed: int) -> None:
        self.bench, self._log, self._random = bench, log, random.Random(seed)
        self._made = 0
        log.write(self._masks(), first=True)

    def act(self) -> None:
        """One random change, and its line in the log."""
        chances = [self._stroke] * 6 + [self._erase] * 3 + [self._undo] * 2
        chances += [self._add, self._remove]
        self._random.choice(chances)()
        self._log.write(self._masks())

    def pause_s(self) -> float:
        return self._random.choice(PAUSES_S)

    def _stroke(self) -> None:
        self._paint(self._lesion(), size=self._random.randint(1, 6))

    def _erase(self) -> None:
        number = self._lesion()
        if int((self.bench.stage.lesions.data == number).sum()) > 60:
            self._paint(number, size=2, value=0)
        else:
            self._paint(number, size=4)

    def _undo(self) -> None:
        layer = self.bench.stage.lesions
        before = np.unique(np.asarray(layer.data))
        layer.undo()
        if set(before) - set(np.unique(np.asarray(layer.data))):
            layer.redo()  # a lesion without a voxel is never stored

    def _add(self) -> None:
        self._made += 1
        name = f"new-{os.getpid()}-{self._made}"
        if len(self.bench.lesions()) < 6 and self.bench.new_lesion(name):
            number = next(row.number for row in self.bench.lesions() if row.name == name)
            free = np.argwhere(np.asarray(self.bench.stage.lesions.data) == 0)
            self._put(free[self._random.randrange(len(free))], number, 3)

    def _remove(self) -> None:
        rows = self.bench.lesions()
        if len(rows) > 2:
            name = self._random.choice([row.name for row in rows])
            masks = self._masks()
            masks.pop(name, None)
            self._log.write(masks)  # before it is done: a kill may come while it is
            self.bench.remove_lesion(name)
            self.bench.flush()

    def _lesion(self) -> int:
        shown = np.unique(np.asarray(self.bench.stage.lesions.data))
        return int(self._random.choice([n for n in shown if n]))

    def _paint(self, number: int, *, size: int, value: int | None = None) -> None:
        at = np.argwhere(np.asarray(self.bench.stage.lesions.data) == number)
        self._put(at[self._random.randrange(len(at))], number if value is None else value, size)

    def _put(self, at: np.ndarray, value: int, size: int) -> None:
        """One dab of the brush that empties no other lesion."""
        layer = self.bench.stage.lesions
        before = set(np.unique(np.asarray(layer.data)))
        layer.brush_size = size
        layer.paint(tuple(int(n) for n in at), value)
        if before - set(np.unique(np.asarray(layer.data))):
            layer.undo()

    def _masks(self) -> dict[str, str]:
        stage = self.bench.stage
        stored = stage.scene.frame.turn.stored(np.asarray(stage.lesions.data))
        names = {row.number: row.name for row in self.bench.lesions()}
        drawn = {int(n) for n in np.unique(stored)}
        return {names[n]: digest(stored == n) for n in names if n in drawn}


def import_all() -> None:
    """What `annotate` needs, before the process forks: each child has it then."""
    for name in (
        "napari.components",
        "napari_liverseg._qt.runner",
        "napari_liverseg.bench",
        "napari_liverseg.case_store",
    ):
        import_module(name)


def annotate(case: Path, log: Path, seed: int) -> None:
    """Without a window, in this process, for ever; worker and throttle are the real ones."""
    from napari.components import ViewerModel
    from qtpy.QtCore import QCoreApplication, QEventLoop

    from napari_liverseg._qt.runner import QtRunner, throttled
    from napari_liverseg.bench import Bench
    from napari_liverseg.case_store import CaseStore

    app = QCoreApplication([])
    bench = Bench(ViewerModel(), CaseStore(case), QtRunner(), path=case, throttle=throttled)
    bench.load(bench.exam_ids[0])

    def live(seconds: float) -> None:
        stop = time.monotonic() + seconds
        while time.monotonic() < stop:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            time.sleep(0.002)

    while not bench.exam_id:
        live(0.01)
    hand = Hand(bench, Log(log), seed)
    while True:
        hand.act()
        live(hand.pause_s())


def annotate_in_window(case: Path, log: Path, seed: int) -> None:
    """In a real window with a real worker, until killed."""
    import napari
    from qtpy.QtCore import QTimer

    from napari_liverseg.window import open_case

    bench = open_case(case)
    hands: list[Hand] = []

    def act() -> None:
        if bench.exam_id and not hands:
            hands.append(Hand(bench, Log(log), seed))
        elif hands:
            hands[0].act()
        QTimer.singleShot(int(1000 * (hands[0].pause_s() if hands else 0.05)) + 1, act)

    act()
    napari.run()


if __name__ == "__main__":
    annotate_in_window(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

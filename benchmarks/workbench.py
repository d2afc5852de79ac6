"""The workbench on four phases of 512 x 512 x 240 beside plain napari with the same layers.

    python benchmarks/workbench.py [--runs 3] [--size 512] [--slices 240]

Both are real windows (under Xvfb too), each in a process of its own, by turns; medians of
all runs are printed with the bars. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from study import PHASES, write_study

WINDOW_PX = (1366, 768)
STEPS, STROKES, MOVES = 25, 6, 20
LESION_MM = 50.0
#: Bars: plain napari times, ms, shares of the volumes.
RATIO, METRICS_MS, DURABLE_MS, MEMORY = 1.3, 300.0, 1000.0, 1.35


def main() -> int:
    """Run both by turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--slices", type=int, default=240)
    parser.add_argument("--part", choices=["plain", "bench"])
    parser.add_argument("--case", type=Path)
    wanted = parser.parse_args()
    if wanted.part:
        found = {"plain": run_plain, "bench": run_bench}[wanted.part](wanted.case)
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory(prefix="liverseg-bench-") as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        os.environ["NAPARI_CONFIG"] = str(folder / "napari.yaml")
        opening = make_case(folder, size=wanted.size, slices=wanted.slices)
        found: dict[str, list[dict[str, float]]] = {"plain": [], "bench": []}
        for run in range(wanted.runs):
            for part in found:
                # Each run draws: on the same case the second one would change nothing.
                case = folder / f"{part}-{run}.liverseg"
                shutil.copy(folder / "case.liverseg", case)
                found[part].append(_run_part(part, case))
    return report(opening, found, size=wanted.size, slices=wanted.slices)


def make_case(folder: Path, *, size: int, slices: int) -> dict[str, float]:
    """Write the study, open it as a person would, and give it masks; times in s."""
    from liverseg.case import CaseFile
    from liverseg.workflow import find_study, load_exam, make_study_case
    from liverseg.workflow.run import store_exam

    write_study(folder / "dicom", size=size, slices=slices)
    begin = time.perf_counter()
    found = find_study(folder / "dicom", cache=False)
    looked = time.perf_counter()
    path = make_study_case(found, folder / "case.liverseg")
    seen: list[float] = []
    with CaseFile.open(path) as case:
        (exam_id,) = case.exam_ids()
        exam = load_exam(case, exam_id, early=lambda _: seen.append(time.perf_counter()))
        read = time.perf_counter()
        assert len(exam.series) == PHASES, [item.call for item in exam.series]
        store_exam(case, with_masks(exam))
    return {
        "headers": looked - begin,
        "first series": seen[0] - begin,
        "all series": read - begin,
    }


def with_masks(exam: Any) -> Any:
    """A liver, its segments, vessels and five lesions, the first one LESION_MM across."""
    from liverseg.geometry import Label, LabelMap
    from liverseg.records import Lesion

    grid = exam.liver.grid
    n, size, _ = grid.shape
    s, r, c = np.ogrid[:n, :size, :size]
    far = ((r / size - 0.45) / 0.2) ** 2 + ((c / size - 0.32) / 0.2) ** 2
    liver = far + ((s / n - 0.6) / 0.35) ** 2 < 1
    middle = (0.6 * n, 0.45 * size, 0.32 * size)

    def ball(offset: tuple[float, float, float], mm: float) -> LabelMap:
        parts = [
            ((axis - at - way) * step) ** 2
            for axis, at, way, step in zip((s, r, c), middle, offset, grid.spacing_mm, strict=True)
        ]
        inside = parts[0] + parts[1] + parts[2] < (mm / 2) ** 2
        return LabelMap(inside.astype(np.uint8), grid, (Label(1, "lesion"),))

    wide = size / 512
    places = (
        ((0, 0, 0), LESION_MM),
        ((-40, 20, -30), 15.0),
        ((35, -30, 30), 12.0),
        ((-20, -50, 20), 25.0),
        ((20, 50, -10), 20.0),
    )
    lesions = tuple(
        Lesion(f"L{k}", f"2.25.{k}", ball(tuple(wide * x for x in way), mm), exam.reference)
        for k, (way, mm) in enumerate(places, 1)
    )
    number = 1 + 4 * (s > middle[0]) + (c // max(1, size // 16)) % 4
    segments = np.where(liver, number, 0).astype(np.uint8)
    aorta = ((r / size - 0.6) / 0.025) ** 2 + ((c / size - 0.52) / 0.025) ** 2 < 1
    structures = np.broadcast_to(aorta, grid.shape).astype(np.uint8)
    return replace(
        exam,
        liver=LabelMap(liver.astype(np.uint8), grid, (Label(1, "liver"),)),
        lesions=lesions,
        couinaud=LabelMap(segments, grid, tuple(Label(k, str(k)) for k in range(1, 9))),
        structures=LabelMap(structures, grid, (Label(1, "aorta"),)),
    )


def run_plain(case: Path) -> dict[str, float]:
    """The layers of the bench, axes too, in a plain viewer."""
    import napari

    from napari_liverseg.case_store import CaseStore
    from napari_liverseg.scene import layer_options
    from napari_liverseg.stage_parts import on_reference

    store = CaseStore(case)
    scene = store.load(store.exam_ids()[0]).scene
    viewer = napari.Viewer(show=True)
    viewer.window.set_geometry(0, 0, *WINDOW_PX)
    watch = Watch(viewer)
    begin = time.perf_counter()
    for image in sorted(scene.images, key=lambda one: one.is_reference):
        viewer.add_image(
            image.placed.array,
            name=image.name,
            contrast_limits=image.contrast_limits,
            visible=image.is_reference,
            **layer_options(image.placed),
        )
    options = layer_options(on_reference(scene))
    viewer.add_labels(scene.segments, visible=False, **options)
    labels = viewer.add_labels(scene.lesions.array, **options)
    labels.contour = 1
    middle = np.array(_middle(scene))
    ends = [middle + way for way in ((0, -20, 0), (0, 20, 0), (0, 0, -20), (0, 0, 20))]
    viewer.add_shapes(
        [np.array(ends[:2]), np.array(ends[2:])],
        shape_type="path",
        text={"string": ["50.0 mm", "50.0 mm"], "size": 9, "color": "white"},
        **options,
    )
    viewer.dims.set_current_step(0, scene.frame.shape[0] // 2)
    watch.drawn()
    found = {"first_ms": 1000 * (time.perf_counter() - begin)}
    gc.collect()
    found["memory_mb"] = _memory_mb()
    return {**found, **_use(viewer, labels, scene, watch)}


def run_bench(case: Path) -> dict[str, float]:
    """The same in the workbench, and what only it does."""
    import napari

    from napari_liverseg import held_exams
    from napari_liverseg.window import open_case

    stored: list[float] = []
    put_mask = held_exams.put_mask

    def timed(*args: Any, **options: Any) -> Any:
        done = put_mask(*args, **options)
        stored.append(time.perf_counter())
        return done

    held_exams.put_mask = timed
    viewer = napari.Viewer(show=True)
    viewer.window.set_geometry(0, 0, *WINDOW_PX)
    watch = Watch(viewer)
    _live(0.5)
    empty = _memory_mb()
    bench = open_case(case, viewer=viewer)
    shown: list[float] = []
    show = bench.stage.show

    def timed_show(*args: Any, **options: Any) -> None:
        # No event may be let in here: the next answer of the worker would come too early.
        shown.append(time.perf_counter())
        show(*args, **options)

    bench.stage.show = timed_show
    _until(lambda: bool(bench.exam_id))
    watch.drawn()
    first_ms = 1000 * (time.perf_counter() - shown[-1])
    _until(lambda: bench.is_idle)
    gc.collect()
    volumes = sum(item.volume.array.nbytes for item in bench.loaded.exam.series) / 2**20
    found = {"first_ms": first_ms, "above_mb": _memory_mb() - empty, "volumes_mb": volumes}
    found["empty_mb"] = empty
    layer, scene = bench.stage.lesions, bench.stage.scene
    found.update(_use(viewer, layer, scene, watch, settled=lambda: bench.is_idle))
    found.update(_metrics(bench, scene, watch, stored))
    bench.close()
    return found


def _use(
    viewer: Any,
    labels: Any,
    scene: Any,
    watch: Watch,
    settled: Callable[[], bool] = lambda: True,
) -> dict[str, float]:
    """Medians of slice steps and of strokes by mouse, ms until drawn."""
    middle = _middle(scene)
    viewer.dims.set_current_step(0, middle[0])
    watch.drawn()
    steps = []
    for step in range(1, STEPS + 1):
        begin = time.perf_counter()
        viewer.dims.set_current_step(0, middle[0] - STEPS // 2 + step)
        watch.drawn()
        steps.append(1000 * (time.perf_counter() - begin))
    viewer.layers.selection.active = labels
    labels.mode, labels.brush_size, labels.selected_label = "paint", 6, 1
    strokes = []
    for number in range(STROKES):
        viewer.dims.set_current_step(0, middle[0] + number)
        watch.drawn()
        _until(settled)
        begin = time.perf_counter()
        _stroke(viewer, scene, number)
        watch.drawn()
        strokes.append(1000 * (time.perf_counter() - begin))
    _until(settled)
    return {"step_ms": statistics.median(steps), "stroke_ms": statistics.median(strokes)}


def _metrics(bench: Any, scene: Any, watch: Watch, stored: list[float]) -> dict[str, float]:
    """From the end of a stroke until the mask is stored, its numbers shown, and all renewed."""
    from napari_liverseg.window import dock_of

    table = dock_of(bench.viewer).lesions_page.table
    middle = _middle(scene)
    durable, numbers, final = [], [], []
    for number in range(STROKES):
        bench.viewer.dims.set_current_step(0, middle[0] - 2 - number)
        watch.drawn()
        _until(lambda: bench.is_idle)
        before, size = table.item(0, 3).text(), len(stored)
        _stroke(bench.viewer, scene, STROKES + number)
        end = time.perf_counter()
        _until(lambda before=before: table.item(0, 3).text() != before)
        numbers.append(1000 * (time.perf_counter() - end))
        _until(lambda: bench.is_idle)
        final.append(1000 * (time.perf_counter() - end))
        durable.append(1000 * (stored[size] - end))
    assert bench.last_message[1] != "error", bench.last_message
    return {
        "stored_ms": statistics.median(durable),
        "metrics_ms": statistics.median(numbers),
        "final_ms": statistics.median(final),
    }


def _stroke(viewer: Any, scene: Any, number: int) -> None:
    """One stroke by mouse just outside of the lesion, another place each time."""
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    canvas = viewer.window._qt_viewer.canvas.native
    _, down, right = (
        at * step for at, step in zip(_middle(scene), scene.frame.spacing_mm, strict=True)
    )
    camera = viewer.scene.camera
    height, width = viewer.canvas.size
    reach = LESION_MM / 2 + 2 * (number % 3)
    at = (np.array((down - reach, right - 15.0)) - camera.center[-2:]) * camera.zoom
    start = QPoint(round(width / 2 + at[1]), round(height / 2 + at[0]))
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseMove(canvas, start)
    QTest.mousePress(canvas, button, none, start)
    for move in range(1, MOVES + 1):
        QTest.mouseMove(canvas, start + QPoint(2 * move, move // 4))
        QApplication.processEvents()
    QTest.mouseRelease(canvas, button, none, start + QPoint(2 * MOVES, MOVES // 4))


def _middle(scene: Any) -> tuple[int, int, int]:
    """Index of the middle of the first lesion, as displayed."""
    at = np.argwhere(np.asarray(scene.lesions.array) == 1)
    first, second, third = (int(n) for n in (at.min(axis=0) + at.max(axis=0)) // 2)
    return first, second, third


class Watch:
    """Waits until the canvas was painted."""

    def __init__(self, viewer: Any) -> None:
        self._drawn = False
        canvas = viewer.window._qt_viewer.canvas
        self._widget = canvas.native
        canvas._scene_canvas.events.draw.connect(self._on_draw)

    def _on_draw(self, _event: Any) -> None:
        self._drawn = True

    def drawn(self) -> None:
        """Come back when all that was changed is painted."""
        self._drawn = False
        self._widget.update()
        _until(lambda: self._drawn)


def _until(done: Callable[[], bool], *, seconds: float = 60.0) -> None:
    from qtpy.QtWidgets import QApplication

    stop = time.perf_counter() + seconds
    while not done():
        QApplication.processEvents()
        if time.perf_counter() > stop:
            raise TimeoutError("the window did not get there")
        time.sleep(0.0005)


def _live(seconds: float) -> None:
    stop = time.perf_counter() + seconds
    _until(lambda: time.perf_counter() > stop)


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _run_part(part: str, case: Path) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", __file__, "--part", part, "--case", str(case)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{part} failed:\n{done.stderr[-3000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(
    opening: dict[str, float],
    found: dict[str, list[dict[str, float]]],
    *,
    size: int,
    slices: int,
) -> int:
    """Print what was found; 1 when a bar is missed."""
    median = {
        part: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for part, runs in found.items()
    }
    plain, bench = median["plain"], median["bench"]
    runs = len(found["bench"])
    print(f"{PHASES} phases of {size} x {size} x {slices}, medians of {runs} runs")
    print("opening without a cache: " + ", ".join(f"{k} {v:.1f} s" for k, v in opening.items()))
    print(f"{'':26}{'plain':>10}{'bench':>10}{'bar':>12}")
    missed = []
    for key, words in (
        ("first_ms", "first picture, ms"),
        ("step_ms", "slice step, ms"),
        ("stroke_ms", "brush stroke, ms"),
    ):
        ratio = bench[key] / plain[key]
        print(f"{words:26}{plain[key]:10.0f}{bench[key]:10.0f}{ratio:7.2f} /{RATIO:4.1f}")
        missed += [words] if ratio > RATIO else []
    for key, words, bar in (
        ("stored_ms", "mask in the file, ms", DURABLE_MS),
        ("metrics_ms", "metrics shown, ms", METRICS_MS),
    ):
        print(f"{words:26}{'':10}{bench[key]:10.0f}{bar:12.0f}")
        missed += [words] if bench[key] > bar else []
    print(f"{'everything renewed, ms':26}{'':10}{bench['final_ms']:10.0f}")
    share = bench["above_mb"] / bench["volumes_mb"]
    words = "memory above empty, MB"
    # Context, no bar: the layers alone, above the same empty viewer.
    layers = plain["memory_mb"] - bench["empty_mb"]
    print(
        f"{words:26}{layers:10.0f}{bench['above_mb']:10.0f}{share:7.2f} /{MEMORY:4.2f} "
        f"of the volumes ({bench['volumes_mb']:.0f} MB)"
    )
    missed += [words] if share > MEMORY else []
    if missed:
        print("missed: " + ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

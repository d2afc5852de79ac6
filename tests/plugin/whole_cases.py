"""Whole cases in a real window: open a copy, look at a lesion, read the case file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TIMEOUT_MS = 240_000


@dataclass
class Opened:
    viewer: Any
    bench: Any
    dock: Any
    path: Path


def open_copy(case: Path, path: Path, make_napari_viewer, qtbot) -> Opened:
    """Copy a case file to `path` and open it in a shown window of 1366 x 768."""
    from liverseg.case import CaseFile

    with CaseFile.open(case, read_only=True) as held:
        held.copy_to(path)
    return open_window(path, make_napari_viewer, qtbot)


def open_window(path: Path, make_napari_viewer, qtbot) -> Opened:
    """Open a case file in a window of its own and wait until its first exam is read."""
    from plugin.mouse import settle

    from napari_liverseg.window import dock_of, open_case

    viewer = make_napari_viewer(show=True)
    viewer.window.set_geometry(0, 0, 1366, 768)
    bench = open_case(path, viewer=viewer)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert bench.exam_id, bench.last_message
    return Opened(viewer, bench, dock_of(viewer), path)


def look_at(viewer, mask: np.ndarray, spacing_mm) -> tuple[float, float]:
    """Zoom to a lesion in the slice shown; returns its centre there, (down, right) in mm."""
    position = int(viewer.dims.current_step[0])
    at = np.argwhere(mask[position])
    centre = at.mean(axis=0) * spacing_mm[1:]
    viewer.scene.camera.center = (0.0, *centre)
    viewer.scene.camera.zoom = 4.0
    return float(centre[0]), float(centre[1])


def brush(opened: Opened, *, mode: str = "paint", size: int = 8, lesion: int = 0) -> None:
    """One stroke across a lesion by the mouse, without waiting for what follows."""
    from plugin.mouse import canvas_of, stroke, world_to_canvas

    bench, viewer = opened.bench, opened.viewer
    row = bench.lesions()[lesion]
    bench.choose(row.name)
    layer = bench.stage.lesions
    layer.mode, layer.brush_size = mode, size
    spacing = bench.stage.scene.frame.spacing_mm
    down, right = look_at(viewer, np.asarray(layer.data) == row.number, spacing)
    start, end = ((down, right), (down + 12, right + 40))
    stroke(canvas_of(viewer), world_to_canvas(viewer, start), world_to_canvas(viewer, end))


def drawn_mask(opened: Opened, name: str) -> np.ndarray:
    """A lesion as drawn, on the acquired grid."""
    bench = opened.bench
    number = next(row.number for row in bench.lesions() if row.name == name)
    shown = np.asarray(bench.stage.lesions.data) == number
    return bench.stage.scene.frame.turn.stored(shown).copy()


def stored_mask(path: Path, exam_id: str, name: str):
    from liverseg.case import CaseFile

    with CaseFile.open(path, read_only=True) as case:
        exam = case.stored_exam(exam_id)
        return next(lesion.mask for lesion in exam.lesions if lesion.name == name)


def rows_in(path: Path, exam_id: str, name: str) -> dict[str, float]:
    """Size rows of a lesion in the case file, by metric."""
    from liverseg.case import CaseFile

    with CaseFile.open(path, read_only=True) as case:
        rows = case.measurements(exam_id=exam_id, lesion=name)
    return {row.metric: row.value for row in rows}

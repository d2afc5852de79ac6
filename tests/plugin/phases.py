"""An exam of four phases that lie differently: moved, tilted, coarser, in another frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from plugin.plugin_stand_ins import CT, FRAME, FakeStore, series, tiny_exam

from liverseg.geometry import Grid, Translation, Volume
from liverseg.records import Exam, Phase, PhaseShift

NATIVE, ARTERIAL, PORTAL, DELAYED = (
    f"{CT}.{name}" for name in ("native", "arterial", "portal", "delayed")
)
TILT_SHIFT_MM = (1.5, -2.0, 3.0)


def tilted_grid() -> Grid:
    """Turned by 20 degrees about the patient's left-right axis: must be resampled for display."""
    turn = np.deg2rad(20)
    matrix = np.eye(4)
    matrix[:3, 0] = np.array([0, -np.sin(turn), np.cos(turn)]) * 2.5
    matrix[:3, 1] = np.array([0, np.cos(turn), np.sin(turn)]) * 1.2
    matrix[:3, 2] = [1.1, 0, 0]
    matrix[:3, 3] = (-21, -26, 96)
    return Grid((16, 34, 44), matrix, FRAME)


def unlike(grid: Grid, seed: int) -> np.ndarray:
    """Values of which no two neighbours are alike, so that a wrong voxel shows."""
    return np.random.default_rng(seed).integers(-100, 300, grid.shape).astype(np.int16)


def four_phases(*, delayed_frame: str = FRAME, delayed_shift: bool = True) -> Exam:
    """Native (tilted), arterial (moved), portal venous (reference), delayed (coarse)."""
    exam = tiny_exam(CT)
    coarse = Grid.axial(
        (6, 20, 24),
        (6.0, 2.0, 2.0),
        origin_lps_mm=(-20, -30, 100),
        frame_of_reference=delayed_frame,
    )
    tilted = tilted_grid()
    arterial, portal = (
        replace(item, volume=Volume(unlike(item.volume.grid, n), item.volume.grid, "HU"))
        for n, item in enumerate(exam.series)
    )
    made = (
        series(NATIVE, Phase.NON_CONTRAST, tilted, unlike(tilted, 2), unit="HU"),
        arterial,
        portal,
        series(DELAYED, Phase.DELAYED, coarse, unlike(coarse, 3), unit="HU"),
    )
    shifts = [PhaseShift(NATIVE, Translation(TILT_SHIFT_MM), 0.4, "test"), *exam.shifts]
    if delayed_shift:
        shifts.append(PhaseShift(DELAYED, Translation(), None, "none"))
    return replace(exam, series=made, shifts=tuple(shifts))


def four_phase_store(**options) -> FakeStore:
    return FakeStore(four_phases(**options), tiny_exam("2017-03-02_MR"))


def acquired(exam: Exam, key: str, position_lps_mm) -> float:
    """The voxel of a series at a place of the reference, found by searching all its voxels."""
    grid = exam.by_key(key).volume.grid
    shift = next((s for s in exam.shifts if s.series_key == key), None)
    offset = (0, 0, 0) if shift is None else shift.series_from_reference.offset_mm
    wanted = np.add(position_lps_mm, offset)
    index = np.moveaxis(np.indices(grid.shape), 0, -1).reshape(-1, 3)
    nearest = index[np.argmin(np.linalg.norm(grid.to_lps_mm(index) - wanted, axis=1))]
    return float(exam.by_key(key).volume.array[tuple(nearest)])

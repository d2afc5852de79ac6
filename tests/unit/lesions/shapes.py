"""Digital shapes with known size, on any grid, and small exams made by hand."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from liverseg.geometry import Grid, Label, LabelMap, Translation, Volume
from liverseg.records import (
    Exam,
    Lesion,
    Phase,
    PhaseCall,
    PhaseShift,
    SeriesFacts,
    SeriesRecord,
    SeriesVolume,
)

FRAME = "1.2.3"


def oblique_grid(shape, spacing, *, turn_deg=(20.0, -15.0, 35.0), shear=0.0, origin=(0, 0, 0)):
    """A turned grid; `shear` tilts the slice axis like a gantry (mm a mm along rows)."""
    matrix = np.eye(4)
    axial = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=float)
    axial[:, 0] += shear * axial[:, 1]
    turn = Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix()
    matrix[:3, :3] = turn @ (axial * np.array(spacing))
    matrix[:3, 3] = origin
    return Grid(shape, matrix, FRAME)


def grid_round(extent_mm, spacing, *, oblique=False, shear=0.0, offset=(0.13, -0.21, 0.34)):
    """A grid with room round the origin for a shape of `extent_mm`; centre off the lattice."""
    shape = tuple(int(np.ceil(extent_mm * 1.25 / s)) + 8 for s in spacing)
    grid = (
        oblique_grid(shape, spacing, shear=shear)
        if oblique or shear
        else Grid.axial(shape, spacing, frame_of_reference=FRAME)
    )
    middle = grid.to_lps_mm((np.array(shape) - 1) / 2.0 + np.array(offset))
    return grid.shifted(-middle)


def positions(grid):
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    return grid.to_lps_mm(index)


def ellipsoid(axes_mm, grid, *, centre=(0, 0, 0), directions=None):
    """Voxels whose centre lies in an ellipsoid; columns of `directions` are its axes in LPS."""
    own = positions(grid) - np.asarray(centre, dtype=float)
    if directions is not None:
        own = own @ np.asarray(directions)
    inside = ((own / (np.array(axes_mm) / 2.0)) ** 2).sum(axis=-1) <= 1.0
    return LabelMap(inside, grid)


def ball(diameter_mm, grid, *, centre=(0, 0, 0)):
    return ellipsoid((diameter_mm,) * 3, grid, centre=centre)


def rows_by_metric(rows):
    found = {row.metric: row for row in rows}
    assert len(found) == len(rows)
    return found


def series(array, grid, phase, *, key="", unit="HU", modality="CT", **facts):
    key = key or f"1.2.{phase}"
    known = (
        {"kvp": 120.0, "kernel": "B30", "slice_thickness_mm": 1.5}
        if modality == "CT"
        else {"repetition_time_ms": 4.0, "echo_time_ms": 1.9, "flip_angle_deg": 10.0}
    )
    record = SeriesRecord(
        key=key,
        series_uid=key,
        study_uid="1.2",
        modality=modality,
        date="2015-06-01",
        number=None,
        description=str(phase),
        study_description="",
        slices=(),
        grid=grid,
        unit=unit,
        facts=SeriesFacts(**{**known, **facts}),
    )
    call = PhaseCall(Phase(phase), "made by hand", "override")
    return SeriesVolume(record, Volume(array, grid, unit), call)


def exam_of(items, liver, lesion, *, shifts=None, structures=None, modality="CT"):
    shifts = shifts or {}
    return Exam(
        exam_id="exam",
        date="2015-06-01",
        modality=modality,
        reference=items[0].record.key,
        series=tuple(items),
        shifts=tuple(
            PhaseShift(item.record.key, Translation(shifts.get(item.record.key, (0.0, 0.0, 0.0))))
            for item in items
        ),
        liver=liver,
        lesions=(lesion,),
        structures=structures,
    )


def lesion_of(mask, drawn_on="", name="L1"):
    return Lesion(name, "1.2.9", mask, drawn_on)


def structures_of(grid, **masks):
    names = ("aorta", "ivc", "portal_vein", "hepatic_veins", "spleen")
    array = np.zeros(grid.shape, dtype=np.uint8)
    for name, mask in masks.items():
        array[mask] = names.index(name) + 1
    labels = tuple(Label(number, name) for number, name in enumerate(names, 1))
    return LabelMap(array, grid, labels)

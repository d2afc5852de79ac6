"""A small image series, written by `write_images` and read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from liverseg.geometry import Grid, Volume
from liverseg.ingest import scan_folder
from liverseg.interop import ImageHeader, uid_of, write_images
from liverseg.records import SeriesRecord

SHAPE = (5, 6, 7)
FRAME = "1.2.3.9"


def turned_grid(
    turn: np.ndarray,
    *,
    spacing_mm: tuple[float, float, float] = (2.5, 0.9, 0.7),
    origin: tuple[float, float, float] = (-100 / 3, 41.25, 212.0),
    shape: tuple[int, int, int] = SHAPE,
) -> Grid:
    """A grid whose column, row and slice axes are x, y, z turned by `turn`."""
    matrix = np.eye(4)
    matrix[:3, :3] = turn[:, ::-1] * spacing_mm
    matrix[:3, 3] = origin
    return Grid(shape, matrix, FRAME)


def about_two_axes(first_deg: float = 17.0, second_deg: float = 8.0) -> np.ndarray:
    a, b = np.radians((first_deg, second_deg))
    one = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    other = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return other @ one


def values(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Whole numbers, all different, some below 0."""
    return (np.arange(np.prod(shape)) - 100).astype(np.int16).reshape(shape)


def header(modality: str = "CT", **more: Any) -> ImageHeader:
    given: dict[str, Any] = {
        "modality": modality,
        "patient_name": "Phantom^Test",
        "patient_id": "P1",
        "study_uid": uid_of("study"),
        "series_uid": uid_of("series"),
        "frame_uid": FRAME,
        "number": 4,
        "description": "Leber µ portal",
        "study_description": "PHANTOM CT",
        "date": "20150601",
        "study_time": "100000",
        "acquisition_time": "101530",
    }
    return ImageHeader(**(given | more))


def written(folder: Path, grid: Grid | None = None, **more: Any) -> SeriesRecord:
    """The record of a series just written on a grid (default: a turned one)."""
    grid = turned_grid(about_two_axes()) if grid is None else grid
    write_images(Volume(values(grid.shape), grid, "HU"), folder, header=header(**more))
    (record,) = scan_folder(folder).series
    return record

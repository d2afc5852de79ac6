"""Masks measured without a case: alone, and with images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from unit.workflow.patient import (
    PORTAL,
    block,
    named_seg,
    nifti,
    placed,
    write_first_exam,
    write_second_exam,
)

from liverseg.case import CaseFile
from liverseg.errors import EmptyLabelError, InputError
from liverseg.geometry import Grid, LabelMap
from liverseg.ingest import scan_folder
from liverseg.records import Measurement
from liverseg.workflow import PlacedPath, measure_masks

GRID = Grid.axial((20, 30, 40), (2.0, 1.0, 1.5), origin_lps_mm=(-20.0, 10.0, 5.0))


def ball(path: Path, radius_mm: float = 12.0) -> Path:
    z, y, x = np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij")
    points = GRID.to_lps_mm(np.stack([z, y, x], axis=-1))
    inside = np.linalg.norm(points - (9.0, 25.0, 23.0), axis=-1) < radius_mm
    return nifti(LabelMap(inside.astype(np.uint8), GRID), path)


def by_metric(rows: tuple[Measurement, ...]) -> dict[str, float]:
    return {row.metric: row.value for row in rows}


def test_a_lone_mask_gives_its_size_in_the_millimetres_of_its_grid(tmp_path):
    rows = measure_masks([PlacedPath(ball(tmp_path / "L1.nii.gz"))])
    assert {row.lesion for row in rows} == {"L1"}
    assert {(row.phase, row.series_uid, row.date) for row in rows} == {("", "", "")}
    values = by_metric(rows)
    assert values["voxel_volume"] == pytest.approx(4 / 3 * np.pi * 12.0**3 / 1000.0, rel=0.02)
    assert values["long_axis"] == pytest.approx(24.0, abs=1.8)
    assert not [row for row in rows if row.unit == "HU"]


def test_a_block_of_voxels_has_exactly_their_volume(tmp_path):
    rows = measure_masks([PlacedPath(nifti(block(GRID, value=9), tmp_path / "B.nii"))])
    assert by_metric(rows)["voxel_volume"] == pytest.approx(3 * 4 * 5 * 2.0 * 1.0 * 1.5 / 1000.0)


def test_several_files_and_items_are_measured_in_turn(tmp_path):
    write_first_exam(tmp_path / "dicom")
    record = next(r for r in scan_folder(tmp_path / "dicom").series if r.key == PORTAL)
    both = named_seg({1: "R7", 2: "R8"}, record, tmp_path / "both.dcm")
    rows = measure_masks(placed([ball(tmp_path / "L1.nii.gz"), both]))
    assert list(dict.fromkeys(row.lesion for row in rows)) == ["L1", "R7", "R8"]


def test_an_empty_mask_is_refused_by_name(tmp_path):
    path = nifti(LabelMap(np.zeros(GRID.shape, np.uint8), GRID), tmp_path / "E.nii")
    with pytest.raises((InputError, EmptyLabelError), match="E is empty"):
        measure_masks([PlacedPath(path)])


def test_images_need_a_liver(tmp_path):
    mask = PlacedPath(ball(tmp_path / "L1.nii.gz"))
    with pytest.raises(InputError, match="--liver"):
        measure_masks([mask], images=[tmp_path])


def test_images_of_two_patients_are_refused(tmp_path):
    write_first_exam(tmp_path / "dicom")
    write_second_exam(tmp_path / "dicom")
    import pydicom

    for path in (tmp_path / "dicom" / "1.2.4.3").iterdir():
        dataset = pydicom.dcmread(path)
        dataset.PatientID = "somebody else"
        dataset.save_as(path)
    mask = PlacedPath(ball(tmp_path / "L1.nii.gz"))
    with pytest.raises(InputError, match="2 different patients"):
        measure_masks([mask], images=[tmp_path / "dicom"], liver=mask)


def test_with_images_and_a_liver_the_rows_are_those_of_a_case(coarse_demo):
    masks = coarse_demo / "masks" / "2015_MR"
    told: list[float] = []
    rows = measure_masks(
        [PlacedPath(masks / "lesions" / f"{name}.dcm") for name in ("T4", "T5")],
        images=[coarse_demo / "dicom" / "2015_MR"],
        liver=PlacedPath(masks / "liver.dcm"),
        progress=lambda _, share: told.append(share),
    )
    with CaseFile.open(coarse_demo / "case.liverseg", read_only=True) as case:
        stored = [row for row in case.measurements() if row.modality == "MR"]
    # The case knows segments and vessels as well; what it says of sizes must be the same.
    sizes = ("voxel_volume", "long_axis", "short_axis", "max_3d_diameter", "solidity")
    expected = {(r.lesion, r.metric): r.value for r in stored if r.metric in sizes}
    found = {(r.lesion, r.metric): r.value for r in rows if r.metric in sizes}
    assert found == expected
    assert {lesion for lesion, _ in found} == {"T4", "T5", "liver"}
    means = {r.lesion: r.value for r in rows if r.metric == "mean"}
    assert 312.0 < means["T4"] < 450.0  # planted at 312 in a liver of 780, on coarse voxels
    assert told
    assert all(0.0 <= share <= 1.0 for share in told)

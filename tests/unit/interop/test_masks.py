"""Masks in: NIfTI, DICOM folder, DICOM SEG; and out again."""

from __future__ import annotations

import csv

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import GeometryError, InputError, InteropError
from liverseg.geometry import Grid, Label, LabelMap, place_labels
from liverseg.interop import mask_stem, merge_labels, read_masks, write_nifti


def block(grid: Grid) -> LabelMap:
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[1:3, 2:5, 3:7] = 1
    return LabelMap(array, grid, (Label(1, "block"),))


def oblique_grid() -> Grid:
    turn = 0.3
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [0.0, -np.sin(turn), 1.5 * np.cos(turn)],
        [0.0, np.cos(turn), 1.5 * np.sin(turn)],
        [2.0, 0.0, 0.0],
    ]
    matrix[:3, 3] = (-40.0, 12.0, 7.0)
    return Grid((5, 8, 9), matrix)


@pytest.mark.parametrize("grid", [Grid.axial((5, 8, 9), (2, 1, 1.5)), oblique_grid()])
def test_nifti_round_trip_is_exact(tmp_path, grid):
    path = write_nifti(block(grid), tmp_path / "L1.nii.gz")
    (mask,) = read_masks(path)
    assert mask.name == "L1"
    placed = place_labels(mask.labels, grid, where="test")
    assert np.array_equal(placed.array, block(grid).array)
    assert list(tmp_path.iterdir()) == [path]


def test_nifti_axes_are_taken_from_the_affine(tmp_path):
    """Stored as (row from below, slice, column), it still lands on the same voxels."""
    grid = Grid.axial((5, 8, 9), (2, 1, 1.5), origin_lps_mm=(-30, 5, 100))
    array = np.transpose(block(grid).array[:, ::-1, :], (1, 0, 2))
    lps_from_stored = grid.lps_from_index @ np.array(
        [[0, 1, 0, 0], [-1, 0, 0, 7], [0, 0, 1, 0], [0, 0, 0, 1]]
    )
    affine = np.diag([-1, -1, 1, 1]) @ lps_from_stored
    nib.save(nib.Nifti1Image(array, affine), tmp_path / "turned.nii")
    (mask,) = read_masks(tmp_path / "turned.nii")
    placed = place_labels(mask.labels, grid, where="test")
    assert np.array_equal(placed.array, block(grid).array)


@pytest.mark.parametrize(("painted", "label"), [(255, 1), (4096, 1), (32767, 1), (3, 3), (9, 9)])
def test_a_mask_in_white_becomes_one_and_a_lone_label_keeps_its_number(tmp_path, painted, label):
    values = np.zeros((3, 3, 3), dtype=np.int16)
    values[1, 1, 1] = painted
    nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "m.nii")
    assert read_masks(tmp_path / "m.nii")[0].labels.values == (label,)


def test_a_label_map_keeps_its_numbers(tmp_path):
    values = np.zeros((3, 3, 3), dtype=np.int16)
    values[0, 0, :] = (2, 7, 9)
    nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "m.nii")
    assert read_masks(tmp_path / "m.nii")[0].labels.values == (2, 7, 9)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.linspace(0, 1, 27).reshape(3, 3, 3), "fractions"),
        (np.arange(-13, 14, dtype=np.int16).reshape(3, 3, 3), "not a mask"),
        (np.zeros((3, 3), dtype=np.int16), "dimensions"),
    ],
)
def test_an_image_is_no_mask(tmp_path, values, told):
    nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "scan.nii")
    with pytest.raises(InputError, match=told) as caught:
        read_masks(tmp_path / "scan.nii")
    assert "scan.nii" in str(caught.value)


def test_nifti_without_orientation_is_refused(tmp_path):
    image = nib.Nifti1Image(np.ones((2, 2, 2), dtype=np.uint8), None)
    image.header["qform_code"] = image.header["sform_code"] = 0
    nib.save(image, tmp_path / "lost.nii")
    with pytest.raises(InputError, match="how it lies"):
        read_masks(tmp_path / "lost.nii")


@pytest.mark.parametrize("content", [b"", b"just text", b"\x1f\x8b broken"])
def test_broken_files_are_named(tmp_path, content):
    for name in ("m.nii.gz", "m.dcm", "m"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="m"):
            read_masks(tmp_path / name)


def test_missing_and_empty_paths(tmp_path):
    with pytest.raises(InputError, match="nothing_here"):
        read_masks(tmp_path / "nothing_here")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        read_masks(tmp_path / "empty")


@pytest.mark.parametrize(
    ("path", "stem"),
    [("a/R4.nii.gz", "R4"), ("R4.seg.dcm", "R4"), ("R4.dcm", "R4"), ("a/b/tumour1", "tumour1")],
)
def test_stems(tmp_path, path, stem):
    assert mask_stem(tmp_path / path) == stem


def test_real_mask_folder_lies_on_the_ct(shared_data):
    (mask,) = read_masks(shared_data / "ircad17" / "MASKS_DICOM" / "livertumor1")
    assert mask.name == "livertumor1"
    assert int(mask.labels.mask().sum()) == 96_961


def test_a_folder_of_two_series_is_no_mask(shared_data):
    with pytest.raises(InputError, match="image volumes"):
        read_masks(shared_data / "ircad17" / "MASKS_DICOM")


def seg_manifest(shared_data):
    with (shared_data / "interop" / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_overlapping_seg_items_keep_all_their_voxels(shared_data):
    path = next((shared_data / "interop").rglob("partial_overlaps.dcm"))
    masks = read_masks(path)
    assert [int(m.labels.mask().sum()) for m in masks] == [9602, 11888, 10743, 6693, 4713]
    with pytest.raises(InputError, match="overlaps"):
        merge_labels(masks, where=str(path))


def test_liver_seg_has_the_published_voxel_count(shared_data):
    path = next((shared_data / "interop").rglob("liver.dcm"))
    masks = read_masks(path)
    assert sum(int(m.labels.mask().sum()) for m in masks) == 107_098


def test_an_undecodable_seg_is_named(shared_data):
    path = next((shared_data / "interop").rglob("liver_rle.dcm"))
    with pytest.raises(InteropError, match="liver_rle"):
        read_masks(path)


def test_every_seg_of_the_zoo_is_read_or_refused_in_one_sentence(shared_data):
    read = refused = 0
    for path in sorted((shared_data / "interop").rglob("*.dcm")):
        try:
            read_masks(path)
            read += 1
        except (InputError, InteropError, GeometryError) as problem:
            assert path.name in str(problem)
            refused += 1
    assert read >= 8
    assert refused >= 1

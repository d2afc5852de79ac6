"""Real files: published truth voxel for voxel, and every file of the data folder accounted for."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import nibabel
import numpy as np
import pytest

from liverseg.ingest import ledger_json, read_volume, scan_folder
from liverseg.ingest.pixels import decode_frame

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
TRUTHS = {
    "mr_generic_sagittal": "mr_generic_sagittal",
    "mr_ge_single_slice": "mr_ge_single_slice",
    "mr_hitachi_double_oblique": "mr_hitachi_double_oblique",
    "mr_hyperfine_enhanced": "mr_hyperfine_enhanced",
    "mr_non_isotropic_oblique": "mr_non_isotropic_oblique",
    "mr_philips_enhanced": "mr_philips_enhanced",
    "mr_siemens_enhanced": "mr_siemens_enhanced",
    "two_slices_only": "two_slices_only",
    "ts_series_j2k_lossless": "ts_series__all_compressed",
    "ts_series_jpeg_lossless": "ts_series__all_compressed",
    "ts_series_jpegls_lossless": "ts_series__all_compressed",
    "ts_series_rle": "ts_series__all_compressed",
}


def equals_truth(volume, truth, values):
    """Every voxel, mapped through both affines, holds the same value in both."""
    index = np.indices(volume.grid.shape).reshape(3, -1)
    lps = volume.grid.lps_from_index @ np.vstack([index, np.ones(index.shape[1])])
    there = (np.linalg.inv(truth.affine) @ RAS_FROM_LPS @ lps)[:3]
    nearest = np.rint(there).astype(int)
    assert np.abs(there - nearest).max() < 0.01
    ours = volume.array[tuple(index)].astype(np.float64)
    return np.allclose(ours, values[tuple(nearest)], rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize("name", TRUTHS)
def test_voxels_and_places_equal_the_published_nifti(shared_data, name):
    (record,) = scan_folder(shared_data / "geometry" / name).series
    truth = nibabel.load(shared_data / "geometry" / "truth_nifti" / f"{TRUTHS[name]}.nii.gz")
    values = np.asarray(truth.dataobj, dtype=np.float64)
    volume = read_volume(record)
    assert equals_truth(volume, truth, values.reshape(values.shape[:3]))


@pytest.mark.parametrize(
    ("name", "slices", "times"),
    [("ge_4_positions_2_times", 4, 2), ("philips_2_positions_4_times", 2, 4)],
)
def test_time_series_equal_the_published_nifti(shared_data, name, slices, times):
    series = scan_folder(shared_data / "multiphase" / name).series
    assert [len(record.slices) for record in series] == [slices] * times
    truth = nibabel.load(shared_data / "multiphase" / f"{name}_truth.nii.gz")
    values = np.asarray(truth.dataobj, dtype=np.float64)
    for time, record in enumerate(series):
        assert equals_truth(read_volume(record), truth, values[..., time])


@pytest.fixture(scope="module")
def breast(shared_data):
    folder = shared_data / "multiphase"
    return folder, scan_folder(folder / "breast_dce_one_series")


def test_three_phases_in_one_series_come_apart_right(breast):
    folder, ledger = breast
    assert [len(record.slices) for record in ledger.series] == [60, 60, 60]
    with (folder / "breast_dce_one_series_truth.csv").open(newline="") as stream:
        truth = {row["file"]: int(row["phase_index"]) for row in csv.DictReader(stream)}
    for phase, record in enumerate(ledger.series):
        assert {truth[Path(s.path).name] for s in record.slices} == {phase}
        assert record.grid.spacing_mm[0] == pytest.approx(2.0)


def test_the_three_phases_reproduce_the_published_maps(breast):
    """Percent enhancement and signal enhancement ratio, as published with the series."""
    folder, ledger = breast
    s0, s1, s2 = (read_volume(record) for record in ledger.series)
    a, b, c = (v.array.astype(np.float64) for v in (s0, s1, s2))
    compared = 0
    for name in ("pe1", "ser"):
        (record,) = scan_folder(folder / f"breast_dce_one_series_{name}").series
        published = read_volume(record)
        corner = np.rint(s0.grid.to_index(published.grid.to_lps_mm((0, 0, 0)))).astype(int)
        part = slice(corner[0], corner[0] + published.array.shape[0])
        shown = published.array != 0
        x, y, z = a[part][shown], b[part][shown], c[part][shown]
        if name == "pe1":
            assert np.array_equal(published.array[shown], np.floor(100 * (y - x) / x))
        else:
            stored = published.array[shown] / 0.001
            good = np.rint(stored) < 3000
            ratio = 1000 * (y - x)[good] / (z - x)[good]
            assert np.abs(stored[good] - ratio).max() <= 1.01
        compared += shown.sum()
    assert compared > 60_000


AWKWARD = {
    "ct_gantry_tilt_siemens": "leans 14.0 degrees",
    "ct_philips_tilt_minus18p5": "leans 18.5 degrees",
    "ct_ge_tilt_18p5_variable_spacing": "leans 18.5 degrees",
    "ct_missing_slice_ge": "1 slice(s) missing: the step is 5.00 mm",
    "ct_same_position_four_times": "4 images at one position",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_what_is_no_regular_volume_is_refused_with_its_numbers(shared_data, name):
    ledger = scan_folder(shared_data / "geometry" / name)
    assert ledger.series == ()
    assert all(AWKWARD[name] in entry.reason for entry in ledger.entries)


@pytest.mark.parametrize(
    ("name", "slices", "split_by"),
    [
        ("mr_magnitude_and_phase_in_series", [4, 4], "ImageType"),
        ("mr_multi_echo_one_series", [2, 2], "EchoTime"),
        ("mr_two_orientations_in_series", [2, 2], "ImageOrientationPatient"),
        ("mr_philips_enhanced_b0_64frames", [32, 32], "ImageType"),
    ],
)
def test_mixed_series_are_split_by_what_differs(shared_data, name, slices, split_by):
    ledger = scan_folder(shared_data / "geometry" / name)
    assert [len(record.slices) for record in ledger.series] == slices
    assert {record.split_by for record in ledger.series} == {split_by}


def test_the_liver_ct_is_one_regular_series(shared_data):
    ledger = scan_folder(shared_data / "ircad17" / "PATIENT_DICOM")
    assert Counter(e.state.value for e in ledger.entries) == {"used": 119}
    (record,) = ledger.series
    assert record.grid.shape == (119, 512, 512)
    assert record.grid.spacing_mm == pytest.approx((1.6, 0.743, 0.743), abs=1e-6)
    assert record.grid.frame_of_reference is None
    assert (record.unit, record.patient, record.description) == ("HU", "", "")
    part = [s for s in record.slices if Path(s.path).name == "image_60"]
    assert record.slices.index(part[0]) == 60
    pixels = decode_frame(part[0].path, None)
    row, column = np.ogrid[:512, :512]
    disc = (row - 263) ** 2 + (column - 273) ** 2 <= 64
    assert pixels[disc].mean() == pytest.approx(166.7, abs=0.5)


def test_mask_series_are_read_as_they_are(shared_data):
    (record,) = scan_folder(shared_data / "ircad17" / "MASKS_DICOM" / "livertumor2").series
    volume = read_volume(record)
    assert set(np.unique(volume.array)) == {0, 255}
    assert (volume.array > 0).sum() == 89029


def test_a_ct_without_uids_lies_right_on_its_label_map(shared_data):
    folder = shared_data / "totalsegmentator"
    (record,) = scan_folder(folder / "example_ct_dicom").series
    volume = read_volume(record)
    truth = nibabel.load(folder / "example_seg_dicom.nii.gz")
    labels = np.asarray(truth.dataobj)
    index = np.indices(volume.grid.shape).reshape(3, -1)
    lps = volume.grid.lps_from_index @ np.vstack([index, np.ones(index.shape[1])])
    there = np.rint((np.linalg.inv(truth.affine) @ RAS_FROM_LPS @ lps)[:3]).astype(int)
    on_grid = labels[tuple(there)].reshape(volume.grid.shape)
    assert volume.array[on_grid == 5].mean() == pytest.approx(89.30, abs=0.05)
    assert record.facts.delay_s is None  # its injection block is a placeholder


def test_adc_maps_without_unit_carry_a_doubt(shared_data):
    (record,) = scan_folder(shared_data / "cmb_liver_mr" / "19591209" / "ADC").series
    assert record.unit == "au"
    assert record.grid.spacing_mm[0] == pytest.approx(6.0)
    assert "unit of this ADC map" in record.doubts[0].reason


def test_every_encoding_gives_the_listed_pixels(shared_data):
    folder = shared_data / "geometry" / "transfer_syntaxes"
    used = {
        Path(s.path).name: s
        for path in folder.glob("*.dcm")
        for record in scan_folder(path).series
        for s in record.slices
    }
    with (folder / "expected.csv").open(newline="") as stream:
        expected = {row["file"]: row for row in csv.DictReader(stream)}
    assert len(used) > 12
    for name in used:
        pixels = decode_frame(str(folder / name), None)
        digest = hashlib.sha256(np.ascontiguousarray(pixels, dtype="<i8").tobytes()).hexdigest()
        listed = expected[name]["sha256_16_of_int64_le_pixels"]
        assert digest.startswith(listed), name


def test_the_whole_data_folder_is_accounted_for(shared_data):
    ledger = scan_folder(shared_data)
    files = sorted(
        p.relative_to(shared_data).as_posix() for p in shared_data.rglob("*") if p.is_file()
    )
    assert [entry.path for entry in ledger.entries] == files
    plain = ledger_json(ledger)
    assert plain["used"] + plain["split"] + plain["skipped"] + plain["refused"] == len(files)
    assert len({record.key for record in ledger.series}) == len(ledger.series)
    assert all(entry.reason for entry in ledger.entries)
    placed = sum(len(record.slices) for record in ledger.series)
    multi_frame = sum(
        {s.path: -1 for r in ledger.series for s in r.slices if s.frame is not None}.values()
    )
    frames = sum(s.frame is not None for r in ledger.series for s in r.slices)
    assert placed - frames - multi_frame == plain["used"] + plain["split"]

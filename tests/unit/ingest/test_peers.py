"""Real series against SimpleITK where it is right, and against the manifest where it is not."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from liverseg.ingest import GeometryPolicy, read_study, read_volume, scan_folder

ALL = GeometryPolicy(on_tilt="shear", on_gap="resample", on_uneven="resample")


@pytest.fixture(scope="module", autouse=True)
def quiet_itk():
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    yield
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(True)


def by_simpleitk(record):
    """The image that SimpleITK makes of the files of a record, in GDCM's own order."""
    paths = {source.path for source in record.slices}
    folder = str(Path(record.slices[0].path).parent)
    if len(paths) == 1:
        image = SimpleITK.ReadImage(*paths)
    else:
        names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(folder, record.series_uid)
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames([name for name in names if name in paths])
        image = reader.Execute()
    return image[:, :, :, 0] if image.GetDimension() == 4 else image


def compare(volume, image):
    """Largest difference in mm at the corners and in value over all voxels."""
    values = SimpleITK.GetArrayFromImage(image)
    assert values.shape == volume.array.shape
    last = np.array(values.shape) - 1
    corners = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T * last
    lps = volume.grid.to_lps_mm(corners)
    there = np.array([image.TransformPhysicalPointToContinuousIndex(p) for p in lps.tolist()])
    there = there[:, ::-1]
    if there[0, 0] > last[0] / 2:  # it may count the slices from the other end
        values = values[::-1]
        there[:, 0] = last[0] - there[:, 0]
    spacing = np.array(image.GetSpacing())[::-1]
    # Where one slice is all there is, the direction of the slice axis is a convention.
    used = last > 0
    return (
        np.abs((there - corners) * spacing)[:, used].max(),
        np.abs(values.astype(np.float64) - volume.array).max(),
    )


def test_every_regular_series_equals_simpleitk(shared_data):
    """All series of the data that are one regular volume; the others are below."""
    compared = 0
    for record in scan_folder(shared_data).series:
        # SimpleITK reads no parametric maps of floats (modality OT here).
        if record.split_by or not record.series_uid or record.modality == "OT":
            continue
        volume = read_volume(record)
        off_mm, off = compare(volume, by_simpleitk(record))
        where = f"{record.slices[0].path}: {off_mm} mm, {off} {record.unit}"
        # Slice positions and orientations are rounded in the files; ours is their mean step.
        assert off_mm < 0.005, where
        assert off <= 1e-4, where  # float32 of a per-frame slope
        compared += 1
    assert compared >= 35


def manifest(shared_data, name):
    with (shared_data / "geometry" / "manifest.csv").open(newline="") as stream:
        return next(row for row in csv.DictReader(stream) if row["name"] == name)


def whole_by_simpleitk(folder):
    names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    return SimpleITK.ReadImage(names)


def test_three_phases_that_simpleitk_stacks_into_one(shared_data):
    folder = shared_data / "multiphase" / "breast_dce_one_series"
    assert whole_by_simpleitk(folder).GetSize()[2] == 180
    study = read_study(folder)
    assert [v.array.shape[0] for v in study.volumes] == [60, 60, 60]
    assert all(v.grid.spacing_mm[0] == pytest.approx(2.0, abs=1e-3) for v in study.volumes)
    assert study.ledger.count("split") == 180


def test_magnitude_and_phase_that_simpleitk_interleaves(shared_data):
    folder = shared_data / "geometry" / "mr_magnitude_and_phase_in_series"
    row = manifest(shared_data, folder.name)
    assert whole_by_simpleitk(folder).GetSize()[2] == 8
    study = read_study(folder)
    assert [v.array.shape[0] for v in study.volumes] == [int(row["unique_positions"])] * 2
    for volume in study.volumes:
        assert volume.grid.spacing_mm[0] == pytest.approx(1.0, abs=0.005)
    kinds = [volume.record.facts.image_type for volume in study.volumes]
    assert sorted(("M_FFE" in kind, "P_FFE" in kind) for kind in map("\\".join, kinds)) == [
        (False, True),
        (True, False),
    ]


@pytest.mark.parametrize(
    ("name", "gap_mm"),
    [("ct_gantry_tilt_siemens", 4.85), ("ct_philips_tilt_minus18p5", 9.48)],
)
def test_a_tilt_that_simpleitk_drops_is_sheared_back(shared_data, name, gap_mm):
    folder = shared_data / "geometry" / name
    row = manifest(shared_data, name)
    study = read_study(folder, policy=ALL)
    (volume,) = study.volumes
    angle = float(row["stack_vs_normal_deg"])
    assert f"sheared back by {angle:.1f} degrees" in volume.record.resampling.ways[0]
    assert volume.grid.spacing_mm[0] == pytest.approx(gap_mm, abs=0.006)
    assert volume.grid.is_orthogonal
    assert slices_lie_where_their_headers_say(volume)
    # SimpleITK takes the length of the leaning step and loses the lean.
    image = whole_by_simpleitk(folder)
    assert image.GetSpacing()[2] > volume.grid.spacing_mm[0] * 1.02


def slices_lie_where_their_headers_say(volume):
    """Every stored slice, pixel by pixel in mm, on the slice of the grid made from it."""
    import pydicom

    for number, source in enumerate(volume.record.slices):
        header = pydicom.dcmread(source.path)
        stored = header.pixel_array * float(header.RescaleSlope) + float(header.RescaleIntercept)
        origin = np.array(header.ImagePositionPatient, float)
        right, down = np.array(header.ImageOrientationPatient, float).reshape(2, 3)
        row_mm, column_mm = map(float, header.PixelSpacing)
        rows, columns = np.mgrid[2 : header.Rows - 2, 2 : header.Columns - 2]
        lps = origin + rows[..., None] * row_mm * down + columns[..., None] * column_mm * right
        there = volume.grid.to_index(lps)
        assert np.abs(there[..., 0] - number).max() < 0.01
        # Linear interpolation back in the moved slice: equal where the image is smooth.
        row, column = there[..., 1], there[..., 2]
        i, j = np.floor(row + 1e-4).astype(int), np.rint(column).astype(int)
        assert np.abs(column - j).max() < 1e-2
        share = np.clip(row - i, 0, 1)
        plane = volume.array[number]
        found = plane[i, j] * (1 - share) + plane[i + 1, j] * share
        inner = stored[2:-2, 2:-2]
        bend = np.abs(np.diff(stored, 2, axis=0))[1:-1, 2:-2]
        # Two linear interpolations by f and 1 - f move a value by f (1 - f) / 2 of its bend.
        around = np.maximum.reduce([bend, np.roll(bend, 1, 0), np.roll(bend, -1, 0)])
        assert (np.abs(found - inner) <= 0.26 * around + 0.05)[1:-1].all()
    return True


def test_two_tilted_slabs_stay_two_and_become_one_when_asked(shared_data):
    folder = shared_data / "geometry" / "ct_ge_tilt_18p5_variable_spacing"
    row = manifest(shared_data, folder.name)
    assert scan_folder(folder).series == ()
    # 14 slices 4 mm apart and 14 slices 7 mm apart: nothing has to be interpolated.
    slabs = read_study(folder, policy=ALL).volumes
    assert [slab.array.shape[0] for slab in slabs] == [14, 14]
    assert [slab.grid.spacing_mm[0] for slab in slabs] == pytest.approx([4.0, 7.0], abs=0.01)
    assert all("sheared back by 18.5 degrees" in s.record.resampling.ways[0] for s in slabs)
    assert all(len(slab.record.resampling.ways) == 1 for slab in slabs)
    assert float(row["stack_vs_normal_deg"]) == 18.5
    (whole,) = read_study(folder, policy=ALL, whole=[slabs[0].series_uid]).volumes
    assert whole.grid.is_orthogonal
    assert len(whole.record.resampling.ways) == 2
    # First and last slice keep their places: 28 positions over the listed gaps.
    span = 1.08 + 10 * 4.0 + 3 * 4.01 + 2 * 6.99 + 11 * 7.0
    steps = whole.grid.shape[0] - 1
    assert steps * whole.grid.spacing_mm[0] == pytest.approx(span, abs=0.15)


def test_a_missing_slice_is_named_and_made_on_request(shared_data):
    folder = shared_data / "geometry" / "ct_missing_slice_ge"
    (plain,) = {entry.reason for entry in scan_folder(folder).entries}
    assert "1 slice(s) missing" in plain
    (volume,) = read_study(folder, policy=ALL).volumes
    assert volume.array.shape[0] == 5
    assert volume.grid.spacing_mm[0] == pytest.approx(5.0)
    made = [k for k in range(5) if k not in {round(s[0]) for s in volume.record.resampling.starts}]
    (k,) = made
    between = (volume.array[k - 1] + volume.array[k + 1]) / 2
    assert np.allclose(volume.array[k], between, atol=1e-3)


def test_four_images_at_one_place_are_never_a_volume(shared_data):
    ledger = scan_folder(shared_data / "geometry" / "ct_same_position_four_times", policy=ALL)
    assert ledger.series == ()
    assert ledger.count("refused") == 4


def test_the_liver_of_the_ct_without_uids_has_its_density(shared_data):
    import nibabel

    folder = shared_data / "totalsegmentator"
    (volume,) = read_study(folder / "example_ct_dicom").volumes
    truth = nibabel.load(folder / "example_seg_dicom.nii.gz")
    labels = np.asarray(truth.dataobj)
    index = np.indices(volume.array.shape).reshape(3, -1)
    lps = volume.grid.lps_from_index @ np.vstack([index, np.ones(index.shape[1])])
    ras = np.diag([-1.0, -1, 1, 1]) @ lps
    there = np.rint((np.linalg.inv(truth.affine) @ ras)[:3]).astype(int)
    liver = labels[tuple(there)].reshape(volume.array.shape) == 5
    assert volume.array[liver].mean() == pytest.approx(89, abs=3)

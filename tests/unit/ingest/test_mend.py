"""What is changed on request comes out right, and says what was changed."""

from __future__ import annotations

import dicom_factory as make
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from liverseg.errors import InputError, InteropError
from liverseg.geometry import Label, LabelMap
from liverseg.ingest import GeometryPolicy, ledger_json, read_study, read_volume, scan_folder
from liverseg.ingest.resample import neighbours, place_slice
from liverseg.interop import SegHeader, write_seg

ALL = GeometryPolicy(on_tilt="shear", on_gap="resample", on_uneven="resample")
UPRIGHT = np.eye(3)
TURN = Rotation.from_euler("zyx", [20, -30, 50], degrees=True).as_matrix()
#: A field that is linear in space is reproduced exactly by linear interpolation.
SLOPE = np.array([3.0, -2.0, 5.0])


def linear_slices(positions, turn=UPRIGHT, shape=(12, 14), spacing=(2.0, 1.5)):
    """Slices of the field 2000 + SLOPE . (x, y, z), as float pixels by a fine rescale slope."""
    row, column, _ = turn.T
    r, c = np.mgrid[: shape[0], : shape[1]]
    for position in positions:
        points = position + r[..., None] * spacing[0] * column + c[..., None] * spacing[1] * row
        yield np.rint((2000 + points @ SLOPE) / 0.1).astype(np.uint16)


def write(folder, positions, turn=UPRIGHT, **elements):
    positions = np.asarray(positions, dtype=float)
    row, column, _ = turn.T
    for index, pixels in enumerate(linear_slices(positions, turn)):
        ds = make.image(
            pixels,
            position=positions[index],
            orientation=(*row, *column),
            spacing=(2.0, 1.5),
            modality="MR",
            RescaleSlope="0.1",
            RescaleIntercept="0",
            InstanceNumber=index + 1,
            **elements,
        )
        make.save(ds, folder / f"f{index}")


def is_linear(volume, *, filled=False):
    index = np.indices(volume.array.shape).reshape(3, -1).T
    wanted = (2000 + volume.grid.to_lps_mm(index) @ SLOPE).reshape(volume.array.shape)
    there = volume.array != 0 if filled else np.ones(volume.array.shape, bool)
    assert np.abs(volume.array[there] - wanted[there]).max() < 0.06  # the fine slope's rounding
    return there


@pytest.mark.parametrize("turn", [np.eye(3), TURN], ids=["axial", "oblique"])
@pytest.mark.parametrize("lean", [0.25, -0.4])
def test_a_tilted_stack_is_sheared_back(tmp_path, turn, lean):
    row, column, normal = turn.T
    positions = [4.0 * k * (normal + lean * column + 0.1 * row) for k in range(6)]
    write(tmp_path, positions, turn)
    assert scan_folder(tmp_path).series == ()
    study = read_study(tmp_path, policy=GeometryPolicy(on_tilt="shear"))
    (volume,) = study.volumes
    assert volume.grid.is_orthogonal
    assert volume.grid.spacing_mm == pytest.approx((4.0, 2.0, 1.5), abs=1e-4)
    there = is_linear(volume, filled=True)
    # No pixel is lost but the outermost ones, which have no neighbour to interpolate with.
    assert there.sum() >= 6 * 11 * 13
    angle = np.degrees(np.arctan(np.hypot(lean, 0.1)))
    (way,) = volume.record.resampling.ways
    assert way.startswith(f"sheared back by {angle:.1f} degrees")
    assert all(f"; on request {way}" in entry.reason for entry in study.ledger.entries)
    assert f"changed on request: {way}" in [doubt.reason for doubt in volume.record.doubts]
    assert ledger_json(study.ledger)["series"][0]["changed_by"] == way
    assert volume.volume.slices == ()


def test_missing_slices_are_interpolated_and_the_others_kept(tmp_path):
    write(tmp_path, [(0, 0, 3.0 * k) for k in (0, 1, 3, 4, 7)])
    refused = scan_folder(tmp_path)
    assert "3 slice(s) missing" in refused.entries[0].reason
    assert "and 1 gap(s) more" in refused.entries[0].reason
    study = read_study(tmp_path, policy=GeometryPolicy(on_gap="resample"))
    (volume,) = study.volumes
    assert volume.array.shape == (8, 12, 14)
    assert "3 missing slice(s) interpolated" in study.ledger.entries[0].reason
    is_linear(volume)
    stored = np.stack(list(linear_slices([(0, 0, 3.0 * k) for k in (0, 1, 3, 4, 7)]))) * 0.1
    assert np.allclose(volume.array[[0, 1, 3, 4, 7]], stored, atol=1e-3)


def test_uneven_slices_are_interpolated_to_the_usual_step(tmp_path):
    heights = np.array([0, 4, 8, 12, 13, 18, 23, 28.0])
    write(tmp_path, [(0, 0, h) for h in heights])
    study = read_study(tmp_path, policy=GeometryPolicy(on_uneven="resample"))
    (volume,) = study.volumes
    assert volume.array.shape[0] == 8
    assert volume.grid.to_lps_mm((7, 0, 0))[2] == pytest.approx(28)
    is_linear(volume)
    assert "uneven spacing" in volume.record.resampling.ways[0]


def test_tilt_and_uneven_spacing_need_both_answers(tmp_path):
    heights = np.array([0, 4, 8, 12, 13, 18, 23, 28.0])
    write(tmp_path, [(0, 0.3 * h, h) for h in heights])
    half = scan_folder(tmp_path, policy=GeometryPolicy(on_tilt="shear"))
    assert half.series == ()
    assert half.entries[0].reason.endswith("; on request: --on-uneven resample")
    (volume,) = read_study(tmp_path, policy=ALL).volumes
    assert len(volume.record.resampling.ways) == 2
    is_linear(volume, filled=True)


def test_what_is_too_far_gone_is_refused_whatever_is_asked(tmp_path):
    write(tmp_path / "wide", [(0, 0, 3.0 * k) for k in (0, 1, 2, 7)])
    write(tmp_path / "steep", [(0, 5.0 * k, 3.0 * k) for k in range(4)], SeriesInstanceUID="1.2.8")
    write(tmp_path / "bent", [(0, y, 3.0 * k) for k, y in enumerate((0, 9, 1, 6))],
          SeriesInstanceUID="1.2.9")  # fmt: skip
    ledger = scan_folder(tmp_path, policy=ALL)
    assert ledger.series == ()
    told = {entry.path.split("/")[0]: entry.reason for entry in ledger.entries}
    assert "a gap of more than 3 steps is not bridged" in told["wide"]
    assert "no gantry tilts that far" in told["steep"]
    assert "leans" in told["bent"]
    assert "on request" not in told["bent"]


def test_a_regular_series_is_never_changed(tmp_path):
    make.write_series(tmp_path, make.ramp(5))
    (plain,), (asked,) = scan_folder(tmp_path).series, scan_folder(tmp_path, policy=ALL).series
    assert asked.resampling is None
    assert np.array_equal(read_volume(plain).array, read_volume(asked).array)
    assert read_volume(asked).array.dtype == np.int16


def test_tilted_phases_are_split_first_and_sheared_each(tmp_path):
    for phase in range(3):
        write(
            tmp_path / str(phase),
            [(0, 1.0 * k, 4.0 * k) for k in range(4)],
            AcquisitionNumber=phase,
        )
    ledger = scan_folder(tmp_path, policy=ALL)
    assert [record.split_by for record in ledger.series] == ["AcquisitionNumber"] * 3
    assert {entry.state.value for entry in ledger.entries} == {"split"}
    for record in ledger.series:
        is_linear(read_volume(record), filled=True)


def test_one_phase_with_a_gap_is_mended_beside_its_good_siblings(tmp_path):
    for phase in range(3):
        heights = (0, 1, 2, 3, 4) if phase != 1 else (0, 1, 3, 4)
        write(tmp_path / str(phase), [(0, 0, 3.0 * k) for k in heights], AcquisitionNumber=phase)
    ledger = scan_folder(tmp_path, policy=ALL)
    assert [record.grid.shape[0] for record in ledger.series] == [5, 5, 5]
    assert sum(record.resampling is not None for record in ledger.series) == 1
    assert {record.split_by for record in ledger.series} == {"AcquisitionNumber"}
    assert scan_folder(tmp_path).count("refused") == 4


def test_ct_is_filled_with_its_lowest_value(tmp_path):
    make.write_series(tmp_path, make.ramp(4, (6, 7)), step=(0.4, 0.6, 2.5))
    (volume,) = read_study(tmp_path, policy=ALL).volumes
    assert volume.array.min() == -1024
    assert volume.array.dtype == np.float32


def test_a_policy_must_be_one_of_its_answers():
    with pytest.raises(InputError, match='"guess" is no answer to on_gap') as error:
        GeometryPolicy(on_gap="guess")
    assert "refuse or resample" in str(error.value)
    assert GeometryPolicy().refuses_all
    assert GeometryPolicy().answer("repeat") == "refuse"


def test_a_computed_volume_has_no_slices_to_write_a_seg_on(tmp_path):
    make.write_series(tmp_path, make.ramp(4, (6, 7)), step=(0.4, 0.6, 2.5))
    (record,) = scan_folder(tmp_path, policy=ALL).series
    drawn = LabelMap(np.ones(record.grid.shape, np.uint8), record.grid, (Label(1, "liver"),))
    header = SegHeader("liver", "1.2", "1.3")
    with pytest.raises(InteropError, match="computed from them"):
        write_seg(drawn, record, tmp_path / "seg.dcm", header=header)


def test_slices_are_placed_between_pixels():
    pixels = np.arange(12.0).reshape(3, 4)
    moved = place_slice(pixels, 1.25, 0.0, (5, 4))
    assert np.isnan(moved[:2]).all()
    assert np.isnan(moved[4:]).all()
    assert np.allclose(moved[2], pixels[1] * 0.75 + pixels[0] * 0.25)
    assert np.array_equal(place_slice(pixels, 1, 2, (4, 6))[1:, 2:], pixels)
    assert neighbours(np.array([0.0, 1, 4]), 2) == (1, pytest.approx(1 / 3))
    assert neighbours(np.array([0.0, 1, 4]), 4) == (2, 0.0)


# The undo of a split.


def two_passes(folder):
    for phase in range(2):
        make.write_series(
            folder / str(phase), make.ramp(3), AcquisitionNumber=phase, SeriesNumber=5,
            SeriesDescription="dynamic",
        )  # fmt: skip


@pytest.mark.parametrize("name", ["1.2.3.4", "1.2.3.4#2", "5", "Dynamic"])
def test_a_series_kept_whole_is_refused_when_it_is_no_volume(tmp_path, name):
    two_passes(tmp_path)
    assert len(scan_folder(tmp_path).series) == 2
    ledger = scan_folder(tmp_path, whole=[name])
    assert ledger.series == ()
    assert ledger.entries[0].reason.startswith("kept whole on request: 6 images at 3 positions")
    assert ledger.count("refused") == 6


def test_a_split_can_be_undone_where_the_whole_is_regular(tmp_path):
    # Two slabs with a gap of two slices: apart unless the user says they are one.
    make.write_series(tmp_path / "a", make.ramp(4), AcquisitionNumber=1)
    make.write_series(tmp_path / "b", make.ramp(4), AcquisitionNumber=2, origin=(-10, -20, 45))
    assert [record.split_by for record in scan_folder(tmp_path).series] == ["AcquisitionNumber"] * 2
    refused = scan_folder(tmp_path, whole=["1.2.3.4"])
    assert "kept whole on request: 2 slice(s) missing" in refused.entries[0].reason
    whole = scan_folder(tmp_path, whole=["1.2.3.4"], policy=GeometryPolicy(on_gap="resample"))
    (record,) = whole.series
    assert record.grid.shape[0] == 10
    assert whole.count("used") == 8


def test_what_cannot_share_a_grid_cannot_be_kept_whole(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(3))
    make.write_series(tmp_path / "b", make.ramp(3, (5, 5)))
    ledger = scan_folder(tmp_path, whole=["1.2.3.4"])
    assert ledger.entries[0].reason == (
        "kept whole on request, but its images differ in Rows, Columns"
    )


def test_a_name_to_keep_that_means_nothing_or_two_is_an_error(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(3), SeriesDescription="x")
    make.write_series(
        tmp_path / "b", make.ramp(3), SeriesDescription="X", SeriesInstanceUID="1.2.3.8"
    )
    with pytest.raises(InputError, match='there is no series "nothing"'):
        scan_folder(tmp_path, whole=["nothing"])
    with pytest.raises(InputError, match='"x" names 2 series'):
        scan_folder(tmp_path, whole=["x"])

"""Alignment against planted shifts: a liver that moves in a body that does not."""

import numpy as np
import pytest

from liverseg.errors import EmptyLabelError, GeometryError
from liverseg.geometry import Grid, LabelMap, Translation, Volume
from liverseg.records import Phase, PhaseCall, SeriesRecord, SeriesVolume
from liverseg.register import align_phases
from liverseg.testing.breathing import BreathingScene

FRAME = "1.2.3"
GRID = Grid.axial(
    (52, 150, 200), (3.0, 1.8, 1.8), origin_lps_mm=(-180.0, -136.0, -80.0), frame_of_reference=FRAME
)
SCENE = BreathingScene(GRID)
PLANTED = {
    "non_contrast": (1.3, -2.1, 4.4),
    "arterial": (-2.2, 1.7, -5.1),
    "delayed": (2.0, -3.0, -14.0),
}


def series(key, array, grid=GRID, unit="HU"):
    record = SeriesRecord(key, key, "1", "CT", "2015-06-01", None, key, "", (), grid, unit)
    volume = Volume(np.asarray(array, np.float32), grid, unit)
    return SeriesVolume(record, volume, PhaseCall(Phase.UNDETERMINED, "", "none"))


def error_mm(shift, truth):
    return float(np.linalg.norm(np.subtract(shift.series_from_reference.offset_mm, truth)))


@pytest.fixture(scope="module")
def liver():
    return SCENE.liver()


@pytest.fixture(scope="module")
def reference():
    return series("ref", SCENE.render("portal"))


@pytest.fixture(scope="module")
def arterial():
    return series("arterial", SCENE.render("arterial", shift=PLANTED["arterial"]))


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def aligned(reference, arterial, liver, steps):
    others = [arterial] + [
        series(phase, SCENE.render(phase, shift=PLANTED[phase]))
        for phase in ("non_contrast", "delayed")
    ]
    shifts = align_phases(
        reference,
        [*others, reference],
        liver,
        progress=lambda text, part: steps.append((text, part)),
    )
    return {shift.series_key: shift for shift in shifts}


@pytest.mark.parametrize("phase", PLANTED)
def test_planted_shifts_come_back_within_half_a_millimetre(aligned, phase):
    shift = aligned[phase]
    assert error_mm(shift, PLANTED[phase]) < 0.5
    assert 0.0 < shift.residual_mm < 2.0
    assert shift.doubts == ()
    assert "Mattes" in shift.method


def test_the_reference_comes_first_once_and_does_not_move(aligned):
    assert list(aligned) == ["ref", "arterial", "non_contrast", "delayed"]
    assert aligned["ref"].series_from_reference == Translation()
    assert aligned["ref"].residual_mm is None


def test_progress_names_each_series_and_ends_at_one(aligned, steps):
    assert [round(part, 3) for _, part in steps] == [0.0, 0.333, 0.667, 1.0]
    assert "arterial" in steps[0][0]


def test_the_same_input_gives_the_same_bits(aligned, reference, arterial, liver):
    again = align_phases(reference, [arterial], liver)[1]
    assert again == aligned["arterial"]


def test_a_liver_that_did_not_move_stays(reference, liver):
    other = series("again", BreathingScene(GRID, seed=5).render("portal"))
    shift = align_phases(reference, [other], liver)[1]
    assert error_mm(shift, (0.0, 0.0, 0.0)) < 0.15


def test_thick_oblique_left_handed_slices_of_another_sequence(reference, liver):
    turn = np.radians(10.0)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(
        [[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]]
    ) @ np.array([[0, 0, -2.0], [0, 2.0, 0], [6.0, 0, 0]])
    matrix[:3, 3] = (176.0, -118.0, -112.0)
    grid = Grid((34, 140, 175), matrix, FRAME)
    planted = (2.0, 1.0, -4.0)
    bright = BreathingScene(grid).render("non_contrast", shift=planted)
    other = series("adc", 1e-6 * np.clip(400.0 - 1.5 * bright, 0.0, None), grid, "mm2/s")
    shift = align_phases(reference, [other], liver)[1]
    assert error_mm(shift, planted) < 1.0
    assert shift.residual_mm < 2.0


def test_a_shift_beyond_the_bound_is_not_applied_and_said(reference, liver):
    other = series("far", SCENE.render("portal", shift=(0.0, 0.0, 36.0)))
    shift = align_phases(reference, [other], liver)[1]
    assert shift.series_from_reference == Translation()
    assert shift.residual_mm is None
    assert "30 mm" in shift.doubts[0].reason
    assert "far" in shift.doubts[0].where


def test_halves_that_move_differently_raise_the_residual_and_a_doubt(reference, liver):
    left = SCENE.render("arterial", shift=(0.0, 0.0, 7.0))
    right = SCENE.render("arterial", shift=(0.0, 0.0, -7.0))
    x = GRID.to_lps_mm(np.stack([np.zeros(200), np.zeros(200), np.arange(200)], axis=1))[:, 0]
    torn = np.where(x > -45.0, left, right)
    shift = align_phases(reference, [series("torn", torn)], liver)[1]
    assert shift.residual_mm > 2.0
    assert "uncertain" in shift.doubts[0].reason


def test_a_series_that_shows_part_of_the_liver(reference, arterial, liver):
    def upper(first):
        grid = GRID.cropped((first, 0, 0), (52 - first, 150, 200))
        return series("upper", arterial.volume.array[first:], grid)

    part = align_phases(reference, [upper(16)], liver)[1]
    assert error_mm(part, PLANTED["arterial"]) < 0.6
    assert "of the liver" in part.doubts[0].reason
    little = align_phases(reference, [upper(36)], liver)[1]
    assert little.series_from_reference == Translation()
    assert "50% are needed" in little.doubts[0].reason


def test_a_series_elsewhere_in_the_body_shows_nothing(reference, arterial, liver):
    grid = GRID.shifted((0.0, 0.0, 900.0))
    shift = align_phases(reference, [series("legs", arterial.volume.array, grid)], liver)[1]
    assert "shows 0% of the liver" in shift.doubts[0].reason


def test_a_single_slice_and_a_tiny_mask_get_no_shift_and_a_doubt(reference, arterial, liver):
    grid = GRID.cropped((25, 0, 0), (1, 150, 200))
    one = series("one", arterial.volume.array[25:26], grid)
    shift = align_phases(reference, [one], liver)[1]
    assert (shift.series_from_reference, shift.residual_mm) == (Translation(), None)
    assert "1 x 150 x 200 voxels" in shift.doubts[0].reason
    speck = np.zeros(GRID.shape, np.uint8)
    speck[25:27, 70:74, 60:64] = 1
    shift = align_phases(reference, [arterial], LabelMap(speck, GRID))[1]
    assert "1000 are needed" in shift.doubts[0].reason


def test_an_image_of_nothing_is_never_aligned_in_silence(reference, liver):
    flat = series("flat", np.full(GRID.shape, 40.0))
    shift = align_phases(reference, [flat], liver)[1]
    assert shift.doubts


def test_two_known_frames_are_refused_and_an_unknown_one_is_doubted(reference, arterial, liver):
    other = series("moved", arterial.volume.array, GRID.with_frame("9.8.7"))
    with pytest.raises(GeometryError) as caught:
        align_phases(reference, [other], liver)
    for text in (FRAME, "9.8.7", "moved"):
        assert text in str(caught.value)
    with pytest.raises(GeometryError, match=r"9\.8\.7.*liver mask"):
        align_phases(reference, [], LabelMap(liver.array, GRID.with_frame("9.8.7")))
    unknown = series(
        "unknown",
        arterial.volume.array[:1],
        GRID.cropped((0, 0, 0), (1, 150, 200)).with_frame(None),
    )
    shift = align_phases(reference, [unknown], liver)[1]
    assert "frame of reference is unknown" in shift.doubts[0].reason


def test_an_empty_liver_is_refused(reference, arterial):
    empty = LabelMap(np.zeros(GRID.shape, np.uint8), GRID)
    for others in ([], [arterial]):
        with pytest.raises(EmptyLabelError):
            align_phases(reference, others, empty)

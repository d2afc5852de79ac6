"""Which values a picture shows between black and white."""

from dataclasses import replace

import numpy as np
import pytest
from unit.report.scenes import MR, SceneOptions, make_exam

from liverseg.errors import InputError
from liverseg.geometry import Grid, Translation, Volume
from liverseg.records import Phase, PhaseShift
from liverseg.report import difference_window, display_window, preset_window, window_presets

#: Shifts of whole voxels, so that masks meet exactly the tissue that they were drawn on.
WHOLE = SceneOptions(spacing_mm=(6.0, 3.0, 3.0), step_mm=(3.0, -3.0, 6.0))


@pytest.fixture(scope="module")
def mr_exam():
    return make_exam("MR", options=WHOLE)


def of_phase(exam, phase):
    return next(item for item in exam.series if item.call.phase is phase)


def with_values(item, array):
    return replace(item, volume=Volume(array, item.volume.grid, "au"))


@pytest.mark.parametrize("phase", [Phase.LATE_ARTERIAL, Phase.PORTAL_VENOUS, Phase.DELAYED])
def test_ct_after_contrast_has_the_liver_window(ct_exam, phase):
    assert display_window(ct_exam, of_phase(ct_exam, phase)) == (-35.0, 215.0)


def test_ct_before_contrast_has_its_own(ct_exam):
    assert display_window(ct_exam, of_phase(ct_exam, Phase.NON_CONTRAST)) == (-40.0, 160.0)


@pytest.mark.parametrize("phase", list(MR))
def test_mr_holds_liver_and_lesions_with_room_at_either_end(mr_exam, phase):
    _, liver, rim, core, _ = MR[phase]
    low, high = min(liver, rim, core), max(liver, rim, core)
    width = max(1.6 * (high - low), 0.8 * liver)
    middle = (low + high) / 2
    found = display_window(mr_exam, of_phase(mr_exam, phase))
    assert found == pytest.approx((middle - width / 2, middle + width / 2), rel=1e-5)


def test_a_lesion_far_off_the_liver_widens_the_window(mr_exam):
    item = of_phase(mr_exam, Phase.HEPATOBILIARY)
    one = replace(mr_exam, lesions=())
    low, high = display_window(one, item)
    assert (low, high) == pytest.approx((180.0, 420.0))  # 0.8 of 300 round 300
    assert display_window(mr_exam, item)[0] < 80 < low


def test_bright_pixels_elsewhere_do_not_matter(mr_exam):
    item = of_phase(mr_exam, Phase.HEPATOBILIARY)
    array = np.where(mr_exam.liver.array != 0, item.volume.array, 30_000)
    assert display_window(mr_exam, with_values(item, array)) == display_window(mr_exam, item)


def test_a_series_beside_the_liver_shows_its_whole_range(mr_exam):
    item = of_phase(mr_exam, Phase.T2)
    away = PhaseShift(item.record.key, Translation((2000.0, 0.0, 0.0)), 0.1)
    others = (s for s in mr_exam.shifts if s.series_key != item.record.key)
    exam = replace(mr_exam, shifts=(*others, away))
    array = item.volume.array
    assert display_window(exam, item) == (array.min(), array.max())


@pytest.mark.parametrize("value", [0.0, 0])
def test_an_empty_image_has_a_window_all_the_same(mr_exam, value):
    item = of_phase(mr_exam, Phase.HEPATOBILIARY)
    flat = with_values(item, np.full(item.volume.array.shape, value))
    assert display_window(mr_exam, flat) == (0.0, 1.0)


def test_a_flat_signal_lies_in_the_middle_of_its_window(mr_exam):
    item = of_phase(mr_exam, Phase.HEPATOBILIARY)
    flat = with_values(item, np.full(item.volume.array.shape, 50.0))
    assert display_window(mr_exam, flat) == pytest.approx((30.0, 70.0))


def test_ct_has_the_presets_of_the_table_and_mr_has_its_own():
    assert [found.name for found in window_presets("HU")] == [
        "liver",
        "abdomen",
        "bone",
        "lung",
        "whole",
    ]
    assert [found.label for found in window_presets("au")] == ["Auto", "Whole range"]


@pytest.mark.parametrize(
    ("preset", "limits"),
    [("abdomen", (-160, 240)), ("bone", (-500, 1300)), ("lung", (-1350, 150))],
)
def test_a_preset_is_the_same_in_every_phase_unless_the_table_says_otherwise(
    ct_exam, preset, limits
):
    for item in ct_exam.series:
        assert preset_window(ct_exam, item, preset) == limits


def test_the_whole_range_is_that_of_the_series(mr_exam):
    item = of_phase(mr_exam, Phase.T2)
    array = item.volume.array
    assert preset_window(mr_exam, item, "whole") == (array.min(), array.max())


def test_a_window_in_hounsfield_units_is_refused_on_mr(mr_exam):
    with pytest.raises(InputError, match="no window 'lung'") as caught:
        preset_window(mr_exam, of_phase(mr_exam, Phase.T2), "lung")
    assert "auto, whole" in str(caught.value)


def test_a_series_that_was_not_aligned_shows_its_whole_range(mr_exam):
    item = of_phase(mr_exam, Phase.T2)
    exam = replace(
        mr_exam, shifts=tuple(s for s in mr_exam.shifts if s.series_key != item.record.key)
    )
    assert display_window(exam, item) == (item.volume.array.min(), item.volume.array.max())


def test_a_subtraction_of_ct_is_seen_round_no_change_and_of_mr_by_what_it_holds():
    grid = Grid.axial((2, 5, 10), (1.0, 1.0, 1.0))
    array = np.arange(100, dtype=np.float32).reshape(grid.shape)
    array[0, 0, 0] = np.nan
    assert difference_window(Volume(array, grid, "HU")) == (-100.0, 150.0)
    low, high = difference_window(Volume(array, grid, "au"))
    assert (low, high) == pytest.approx(np.nanpercentile(array, (5, 95)))
    nothing = Volume(np.full(grid.shape, np.nan, np.float32), grid, "au")
    assert difference_window(nothing) == (0.0, 1.0)

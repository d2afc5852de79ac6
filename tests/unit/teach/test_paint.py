"""Painted levels, breaths and noise of the digital case, on small crops of its grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.geometry import Grid
from liverseg.teach import PlannedSeries, Variant, plan_case, render_series
from liverseg.teach.paint import box_of, lattice_of, level, noise, paint
from liverseg.teach.shapes import rotation

CT, MR = plan_case(Variant.TEXT)
STILL = (0.0, 0.0, 0.0)
#: 4 mm inside the lower end of a kidney: in its cortex.
CORTEX = tuple(np.array((-62.0, 56.0, -72.0)) + rotation((12.0, 0.0, 15.0)) @ (0.0, 0.0, -44.0))
MIDDLES = {
    "liver": (-95.0, -5.0, 10.0),
    "spleen": (100.0, 40.0, 22.0),
    "aorta": (14.0, 36.0, 20.0),
    "ivc": (-18.0, 28.0, -20.0),
    "portal_vein": (-28.0, 0.0, 0.0),
    "hepatic_veins": (-50.0, 20.0, 52.0),
    "kidneys": CORTEX,
    "kidney_medulla": (-62.0, 56.0, -72.0),
    "gallbladder": (-57.0, -56.0, -50.0),
    "stomach": (78.0, -10.0, 22.0),
    "muscle": (38.0, 78.0, 0.0),
    "fat": (0.0, -112.0, 0.0),
    "bone": (0.0, 60.0, 0.0),
    "lung": (72.0, 8.0, 92.0),
    "air": (170.0, -120.0, 0.0),
}
CT_PORTAL_HU = {
    "liver": 118, "spleen": 125, "aorta": 163, "ivc": 170, "portal_vein": 185,
    "hepatic_veins": 170, "kidneys": 200, "kidney_medulla": 160, "gallbladder": 8, "stomach": 18,
    "muscle": 66, "fat": -100, "bone": 205, "lung": -836, "air": -1000,
}  # fmt: skip
T1_HEPATOCYTE_AU = {
    "liver": 780, "spleen": 400, "aorta": 420, "ivc": 420, "portal_vein": 420,
    "hepatic_veins": 420, "kidneys": 760, "kidney_medulla": 880, "gallbladder": 1600,
    "stomach": 180, "muscle": 368, "fat": 124, "bone": 264, "lung": 24, "air": 0,
}  # fmt: skip


def crop(point: tuple[float, ...], *, half: int = 1, step_mm: float = 0.5) -> Grid:
    """A cube of (2 half + 1)^3 voxels whose middle is a point."""
    low = np.asarray(point) - half * step_mm
    return Grid.axial((2 * half + 1,) * 3, (step_mm,) * 3, origin_lps_mm=tuple(low))


def series_of(exam, name: str) -> PlannedSeries:
    return next(one for one in exam.series if one.name == name)


def small(series: PlannedSeries, grid: Grid, **more: object) -> PlannedSeries:
    return replace(series, grid=grid, **more)


@pytest.mark.parametrize("tissue", list(MIDDLES))
def test_the_middle_of_an_organ_has_its_level_in_every_series(tissue):
    assert level(series_of(CT, "ct_portal"), tissue) == CT_PORTAL_HU[tissue]
    assert level(series_of(MR, "t1_hepatocyte"), tissue) == T1_HEPATOCYTE_AU[tissue]
    for exam in (CT, MR):
        for series in exam.series:
            values = paint(exam, series, crop(MIDDLES[tissue]), shift_mm=STILL)
            assert values == pytest.approx(level(series, tissue), abs=0.01), series.name


def test_levels_follow_the_phases():
    liver = [level(series, "liver") for series in CT.series]
    assert liver == [58.0, 78.0, 118.0, 95.0]
    assert [level(series, "liver") for series in MR.series] == [
        400.0, 500.0, 660.0, 700.0, 780.0, 400.0, 1200.0,
    ]  # fmt: skip


def test_no_gallbladder_is_painted_after_it_was_taken_out():
    series = series_of(CT, "ct_portal")
    without = replace(CT, gallbladder=False)
    values = paint(without, series, crop(MIDDLES["gallbladder"]), shift_mm=STILL)
    assert values.max() < 0.0  # fat


@pytest.mark.parametrize("lesion", CT.lesions, ids=lambda lesion: lesion.name)
def test_a_lesion_of_one_level_has_it_from_rim_to_core(lesion):
    series = series_of(CT, "ct_arterial")
    values = paint(CT, series, crop(lesion.centre_lps_mm, half=4), shift_mm=STILL)
    assert values == pytest.approx(108.0, abs=0.01)


def test_rim_and_core_of_the_ring_lesion():
    exam = plan_case(Variant.FIGURES)[0]
    (lesion,) = exam.lesions
    series = series_of(exam, "ct_arterial")
    middle = paint(exam, series, crop(lesion.centre_lps_mm), shift_mm=STILL)
    assert middle == pytest.approx(48.0, abs=0.01)
    # Along +x, half the rim below the surface.
    way = np.linspace(0.0, 30.0, 6001)
    levels = lesion.outline.level(np.stack([way, 0 * way, 0 * way], axis=-1))
    wall = float(way[np.argmax(levels >= 1.0)])
    x, y, z = lesion.centre_lps_mm
    rim = paint(exam, series, crop((x + wall - lesion.rim_mm / 2.0, y, z), half=0), shift_mm=STILL)
    assert rim.item() == pytest.approx(112.0, abs=1.5)


def test_an_edge_is_half_way_on_the_surface_and_as_wide_as_the_blur():
    """The wall of a lesion of 18 mm against liver, along x."""
    series = replace(series_of(CT, "ct_portal"), blur_mm=1.0)
    lesion = next(one for one in CT.lesions if one.name == "T5")
    x, y, z = lesion.centre_lps_mm
    places = x + 9.0 + np.array([-1.0, 0.0, 1.0])
    grid = Grid.axial((1, 1, 3), (1.0, 1.0, 1.0), origin_lps_mm=(places[0], y, z))
    inner, middle, outer = paint(CT, series, grid, shift_mm=STILL).ravel()
    inside, liver = 126.0, 118.0
    assert middle == pytest.approx((inside + liver) / 2.0, abs=0.4)
    assert (inner - liver) / (inside - liver) == pytest.approx(0.841, abs=0.04)
    assert (outer - liver) / (inside - liver) == pytest.approx(0.159, abs=0.04)


def test_a_breath_moves_the_organs():
    """The portal vein where it forks, by a vector along all three axes."""
    shift = (1.0, -1.5, 4.0)
    series = series_of(CT, "ct_arterial")
    place = crop((-28.0, 0.0, 0.0), half=10, step_mm=1.0)
    before = paint(CT, series, place, shift_mm=STILL)
    after = paint(CT, series, place.shifted(shift), shift_mm=shift)
    assert np.ptp(before) > 30.0
    assert after == pytest.approx(before, abs=0.05)
    assert np.abs(paint(CT, series, place, shift_mm=shift) - before).max() > 10.0


@pytest.mark.parametrize(
    "wall", [(-163.0, 0.0, 0.0), (0.0, 62.0, 16.0), (14.0, 84.0, 5.0), (0.0, -116.0, 10.0)]
)
def test_a_breath_leaves_the_body_wall_and_the_spine_where_they_are(wall):
    series = series_of(CT, "ct_arterial")
    place = crop(wall, half=6, step_mm=1.0)
    before = paint(CT, series, place, shift_mm=STILL)
    assert np.ptp(before) > 100.0
    assert np.array_equal(paint(CT, series, place, shift_mm=(1.0, -1.5, 5.5)), before)


def test_noise_has_its_size_is_smooth_within_a_slice_only_and_follows_the_seed():
    grid = Grid.axial((20, 60, 70), (3.0, 1.8, 1.8))
    series = small(series_of(MR, "adc_2015"), grid)
    found = noise(series, 1)
    assert found.std() == pytest.approx(60.0, rel=1e-3)
    assert abs(found.mean()) < 2.0
    together = [np.corrcoef(found[:, :, 1:].ravel(), found[:, :, :-1].ravel())[0, 1]]
    together.append(np.corrcoef(found[:, 1:].ravel(), found[:, :-1].ravel())[0, 1])
    assert min(together) > 0.3
    assert abs(np.corrcoef(found[1:].ravel(), found[:-1].ravel())[0, 1]) < 0.05
    assert np.array_equal(noise(series, 1), found)
    assert abs(np.corrcoef(noise(series, 2).ravel(), found.ravel())[0, 1]) < 0.05
    other = small(series_of(MR, "t2_2015"), grid)
    assert abs(np.corrcoef(noise(other, 1).ravel(), found.ravel())[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("exam", "name", "sd", "unit"),
    [(CT, "ct_portal", 12.0, "HU"), (MR, "t1_portal", 16.0, "au"), (MR, "adc_2015", 60.0, "au")],
)
def test_a_rendered_series_is_paint_plus_noise_in_whole_numbers(exam, name, sd, unit):
    grid = crop((-95.0, 0.0, 0.0), half=12, step_mm=1.0)
    series = small(series_of(exam, name), grid)
    volume = render_series(exam, series, seed=5)
    assert volume.array.dtype == np.int16
    assert (volume.unit, volume.grid) == (unit, grid)
    rest = volume.array - paint(exam, series, grid, shift_mm=series.shift_mm)
    assert rest.std() == pytest.approx(sd, rel=0.01)
    assert np.array_equal(render_series(exam, series, seed=5).array, volume.array)
    assert not np.array_equal(render_series(exam, series, seed=6).array, volume.array)


@pytest.mark.parametrize(("exam", "name", "low"), [(CT, "ct_portal", -1024), (MR, "t2_2015", 0)])
def test_air_is_not_stored_below_the_lowest_value(exam, name, low):
    series = small(series_of(exam, name), crop(MIDDLES["air"], half=6), noise_sd=50.0)
    assert render_series(exam, series).array.min() == low


def test_only_the_part_of_the_lattice_near_a_thing_is_painted():
    lattice = lattice_of(Grid.axial((10, 20, 30), (3.0, 2.0, 1.0), origin_lps_mm=(5.0, -7.0, 0.0)))
    assert (lattice.x[0], lattice.y[0], lattice.z[-1]) == (5.0, -7.0, 27.0)
    box = box_of(lattice, ((8.0, -3.0, 6.0), (10.0, 1.0, 12.0)), 1.0)
    assert box == (slice(2, 5), slice(2, 5), slice(2, 7))
    assert box_of(lattice, ((50.0, 0.0, 0.0), (60.0, 1.0, 1.0)), 1.0) is None

import numpy as np
import pytest
from unit.lesions.shapes import (
    FRAME,
    ball,
    exam_of,
    grid_round,
    lesion_of,
    positions,
    series,
    structures_of,
)

from liverseg.errors import EmptyLabelError, MeasurementError
from liverseg.geometry import Grid, LabelMap, Translation
from liverseg.lesions import liver_reference, measure_enhancement, measure_liver
from liverseg.lesions.coverage import (
    RimVoxels,
    coarse_sectors,
    fine_sectors,
    ring_coverage,
    sector_directions,
)
from liverseg.lesions.place import place_parts
from liverseg.lesions.rim import cut_shells

LESION_MM = 20.0
THICKNESS = 3.0  # 0.15 of the diameter
CT = {  # liver, rim, core
    "non_contrast": (58.0, 48.0, 42.0),
    "late_arterial": (78.0, 112.0, 68.0),
    "portal_venous": (118.0, 128.0, 88.0),
}


def paint(grid, levels, *, shift=(0, 0, 0), bright=None):
    """Liver of 80 mm, lesion of 20 mm with a rim; `bright` limits the rim to a half space."""
    own = positions(grid) - np.asarray(shift, dtype=float)
    radius = np.linalg.norm(own, axis=-1)
    liver, rim, core = levels
    values = np.where(radius <= 40, liver, -100.0)
    values[radius <= LESION_MM / 2] = rim
    if bright is not None:
        values[(radius <= LESION_MM / 2) & ~bright(own)] = core
    values[radius <= LESION_MM / 2 - THICKNESS] = core
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def scene():
    grid = grid_round(80.0, (1.5, 1.0, 1.0), oblique=True)
    liver, mask = ball(80.0, grid), ball(LESION_MM, grid)
    return grid, liver, lesion_of(mask), liver_reference(liver, [mask], None)


def ct_exam(scene, *, shifts=None, levels=CT, change=None, **exam):
    grid, liver, lesion, _ = scene
    shifts = shifts or {}
    items = [
        series(
            paint(grid, levels[phase], shift=shifts.get(f"1.2.{phase}", (0, 0, 0))),
            grid,
            phase,
            **(change or {}).get(phase, {}),
        )
        for phase in levels
    ]
    return exam_of(items, liver, lesion, shifts=shifts, **exam)


def by_phase(rows):
    found = {(row.phase, row.metric): row for row in rows}
    assert len(found) == len(rows)
    return found


def reasons(row):
    return " | ".join(doubt.reason for doubt in row.doubts)


def test_values_in_every_phase(scene):
    rows = by_phase(measure_enhancement(ct_exam(scene), scene[2], scene[3]))
    for phase, (liver, rim, core) in CT.items():
        assert rows[phase, "liver_mean"].value == pytest.approx(liver)
        # A shell of voxels is not a shell of the ball: a few voxels at the inner border.
        assert rows[phase, "rim_mean"].value == pytest.approx(rim, abs=2)
        assert rows[phase, "core_mean"].value == pytest.approx(core, abs=2)
        share = 1 - 0.7**3
        assert rows[phase, "mean"].value == pytest.approx(share * rim + (1 - share) * core, abs=1)
        spread = abs(rim - core) * np.sqrt(share * (1 - share))
        assert rows[phase, "sd"].value == pytest.approx(spread, abs=0.5)
        assert rows[phase, "median"].value == rim
        gap = rows[phase, "mean"].value - liver
        assert rows[phase, "lesion_liver_difference"].value == pytest.approx(gap)
        ratio = rows[phase, "lesion_liver_ratio"]
        assert ratio.value == pytest.approx(rows[phase, "mean"].value / liver)
        assert "HU" in ratio.method
    arterial = "late_arterial"
    assert rows[arterial, "rim_enhancement"].value == pytest.approx(64, abs=2.5)
    assert rows[arterial, "core_enhancement"].value == pytest.approx(26, abs=2.5)
    difference = rows[arterial, "mean"].value - rows["non_contrast", "mean"].value
    assert rows[arterial, "enhancement"].value == pytest.approx(difference)
    assert rows[arterial, "ring_coverage"].value == 1.0
    assert ("portal_venous", "ring_coverage") not in rows
    assert ("non_contrast", "enhancement") not in rows
    row = rows[arterial, "enhancement"]
    assert (row.unit, row.lesion, row.date, row.modality, row.series_uid, row.slice) == (
        "HU", "L1", "2015-06-01", "CT", "1.2.late_arterial", None,
    )  # fmt: skip
    assert reasons(rows[arterial, "mean"]) == ""


@pytest.mark.parametrize("shift", [(0.0, 0.0, 3.0), (1.3, -2.1, 4.2), (0.5, 0.5, 0.75)])
def test_breathing_shift_moves_the_mask_not_the_values(scene, shift):
    exam = ct_exam(scene, shifts={"1.2.late_arterial": shift})
    rows = by_phase(measure_enhancement(exam, scene[2], scene[3]))
    assert rows["late_arterial", "rim_mean"].value == pytest.approx(112, abs=3)
    assert rows["late_arterial", "core_mean"].value == pytest.approx(68, abs=3)
    assert rows["late_arterial", "liver_mean"].value == pytest.approx(78)
    still = ct_exam(scene)
    frozen = exam_of(
        [still.by_key("1.2.non_contrast"), exam.by_key("1.2.late_arterial")], *scene[1:3]
    )
    wrong = by_phase(measure_enhancement(frozen, scene[2], scene[3]))
    right = abs(rows["late_arterial", "rim_mean"].value - 112)
    assert abs(wrong["late_arterial", "rim_mean"].value - 112) >= right


def test_ring_that_covers_a_half(scene):
    grid, liver, lesion, reference = scene
    before = series(paint(grid, CT["non_contrast"]), grid, "non_contrast")
    half = paint(grid, (78.0, 112.0, 48.0), bright=lambda p: p[..., 0] > 0)
    rows = by_phase(
        measure_enhancement(
            exam_of([before, series(half, grid, "early_arterial")], liver, lesion),
            lesion,
            reference,
        )
    )
    assert 0.4 <= rows["early_arterial", "ring_coverage"].value <= 0.6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kvp": 100.0}, "tube voltage"),
        ({"kernel": "B70"}, "kernel"),
        ({"slice_thickness_mm": 3.0}, "slice thickness"),
        ({"unit": "au"}, "unit"),
    ],
)
def test_ct_enhancement_is_refused_where_protocols_differ(scene, change, words):
    exam = ct_exam(scene, change={"late_arterial": change})
    rows = by_phase(measure_enhancement(exam, scene[2], scene[3]))
    for metric in ("enhancement", "rim_enhancement", "core_enhancement", "ring_coverage"):
        assert ("late_arterial", metric) not in rows
    assert words in reasons(rows["late_arterial", "mean"])
    assert ("portal_venous", "enhancement") in rows


def test_without_a_series_before_contrast_there_is_no_enhancement(scene):
    levels = {phase: CT[phase] for phase in ("late_arterial", "portal_venous")}
    rows = by_phase(measure_enhancement(ct_exam(scene, levels=levels), scene[2], scene[3]))
    assert ("late_arterial", "enhancement") not in rows
    assert "no series before contrast" in reasons(rows["late_arterial", "mean"])


def test_settings_that_no_header_gives_are_doubted(scene):
    change = {phase: {"kvp": None, "kernel": ""} for phase in CT}
    rows = by_phase(measure_enhancement(ct_exam(scene, change=change), scene[2], scene[3]))
    row = rows["late_arterial", "enhancement"]
    assert "tube voltage and kernel not in the headers" in reasons(row)


MR = {
    "non_contrast": (100.0, 70.0, 68.0),
    "late_arterial": (140.0, 190.0, 100.0),
    "hepatobiliary": (220.0, 80.0, 74.0),
    "t2": (100.0, 200.0, 230.0),
}


def mr_exam(scene, *, change=None):
    grid, liver, lesion, _ = scene
    items = [
        series(
            paint(grid, levels),
            grid,
            phase,
            unit="au",
            modality="MR",
            **(change or {}).get(phase, {}),
        )
        for phase, levels in MR.items()
    ]
    return exam_of(items, liver, lesion, modality="MR")


def test_mr_enhancement_is_relative_and_only_in_phases(scene):
    rows = by_phase(measure_enhancement(mr_exam(scene), scene[2], scene[3]))
    row = rows["late_arterial", "rim_enhancement"]
    assert row.unit == "%"
    assert row.value == pytest.approx(100 * (190 - 70) / 70, abs=4)
    assert rows["late_arterial", "core_enhancement"].value == pytest.approx(47, abs=4)
    assert rows["hepatobiliary", "lesion_liver_ratio"].value < 0.4
    assert ("t2", "enhancement") not in rows
    assert rows["t2", "lesion_liver_ratio"].value == pytest.approx(2.1, abs=0.05)
    assert reasons(rows["t2", "mean"]) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"repetition_time_ms": 5.0}, "repetition time"),
        ({"echo_time_ms": 2.4}, "echo time"),
        ({"flip_angle_deg": 30.0}, "flip angle"),
    ],
)
def test_mr_enhancement_is_refused_where_protocols_differ(scene, change, words):
    rows = by_phase(
        measure_enhancement(mr_exam(scene, change={"hepatobiliary": change}), scene[2], scene[3])
    )
    assert ("hepatobiliary", "enhancement") not in rows
    assert words in reasons(rows["hepatobiliary", "mean"])
    assert ("late_arterial", "enhancement") in rows


def test_signal_that_is_not_above_0_gives_no_ratio(scene):
    grid, liver, lesion, reference = scene
    items = [
        series(np.zeros(grid.shape), grid, phase, unit="au", modality="MR")
        for phase in ("non_contrast", "late_arterial")
    ]
    exam = exam_of(items, liver, lesion, modality="MR")
    rows = by_phase(measure_enhancement(exam, lesion, reference))
    assert ("late_arterial", "lesion_liver_ratio") not in rows
    assert ("late_arterial", "enhancement") not in rows
    assert "not above 0" in reasons(rows["late_arterial", "mean"])
    assert ("late_arterial", "ring_coverage") not in rows


def test_small_lesion_has_no_rim_rows_and_says_so(scene):
    grid, _, _, reference = scene
    lesion = lesion_of(ball(8.0, grid))
    rows = by_phase(measure_enhancement(ct_exam(scene), lesion, reference))
    for metric in ("rim_mean", "core_mean", "rim_enhancement", "ring_coverage"):
        assert ("late_arterial", metric) not in rows
    assert ("late_arterial", "enhancement") in rows
    assert "no rim and core: the lesion is" in reasons(rows["late_arterial", "mean"])


def test_core_of_few_voxels_is_not_compared():
    grid = grid_round(40.0, (2.0, 1.6, 1.6))
    liver, mask = ball(40.0, grid), ball(12.0, grid)
    lesion = lesion_of(mask)
    exam = ct_exam((grid, liver, lesion, None))
    rows = by_phase(measure_enhancement(exam, lesion, liver_reference(liver, [mask], None)))
    assert ("late_arterial", "core_mean") in rows
    assert ("late_arterial", "core_enhancement") not in rows
    assert "no core enhancement" in reasons(rows["late_arterial", "mean"])
    assert ("late_arterial", "rim_enhancement") in rows


def narrow(scene, start, count):
    """A portal series that holds only some slices of the usual grid."""
    grid, liver, lesion, _ = scene
    part = grid.cropped((start, 0, 0), (count, *grid.shape[1:]))
    items = [
        series(paint(grid, CT["non_contrast"]), grid, "non_contrast"),
        series(paint(part, CT["portal_venous"]), part, "portal_venous"),
    ]
    return exam_of(items, liver, lesion)


def test_part_of_a_lesion_outside_an_image_is_said(scene):
    middle = scene[0].shape[0] // 2
    rows = by_phase(measure_enhancement(narrow(scene, middle - 3, 20), scene[2], scene[3]))
    assert "of the lesion lie outside this image" in reasons(rows["portal_venous", "mean"])
    assert rows["portal_venous", "rim_mean"].value == pytest.approx(128, abs=3)


def test_series_that_shows_less_than_half_a_lesion_has_no_rows(scene):
    middle = scene[0].shape[0] // 2
    rows = by_phase(measure_enhancement(narrow(scene, middle + 3, 20), scene[2], scene[3]))
    assert not any(phase == "portal_venous" for phase, _ in rows)
    assert "not measured in portal_venous" in reasons(rows["non_contrast", "mean"])
    rows = by_phase(measure_enhancement(narrow(scene, 0, 4), scene[2], scene[3]))
    assert "0% of the lesion" in reasons(rows["non_contrast", "mean"])


def test_series_of_another_grid_is_measured_on_its_own_voxels(scene):
    grid, liver, lesion, reference = scene
    coarse = grid_round(90.0, (4.0, 1.3, 1.3))
    items = [
        series(paint(grid, CT["non_contrast"]), grid, "non_contrast"),
        series(paint(coarse, (100.0, 200.0, 230.0)), coarse, "t2"),
    ]
    rows = by_phase(measure_enhancement(exam_of(items, liver, lesion), lesion, reference))
    assert rows["t2", "liver_mean"].value == pytest.approx(100)
    assert rows["t2", "rim_mean"].value == pytest.approx(200, abs=6)
    assert rows["t2", "core_mean"].value == pytest.approx(230, abs=3)
    assert rows["t2", "mean"].value == pytest.approx(210.3, abs=4)


def test_lesion_too_small_for_a_smooth_surface_moves_by_nearest_voxels(scene):
    grid = scene[0]
    mask = ball(2.0, grid)
    count = mask.mask().sum()
    assert 1 <= count <= 8
    placed = place_parts(cut_shells(mask), grid, Translation((0.4, 0.3, 0.6)))
    assert 1 <= np.count_nonzero(placed.parts) <= 2 * count


def test_moved_mask_keeps_its_volume_and_place(scene):
    grid, _, lesion, _ = scene
    shift = (0.5, -0.4, 0.7)
    placed = place_parts(cut_shells(lesion.mask), grid, Translation(shift))
    start = [span.start for span in placed.box]
    centre = grid.to_lps_mm(np.argwhere(placed.parts) + start).mean(axis=0)
    assert centre == pytest.approx(shift, abs=0.1)
    true = np.pi / 6 * LESION_MM**3
    assert np.count_nonzero(placed.parts) * grid.voxel_volume_mm3 == pytest.approx(true, rel=0.02)


def test_vessel_overlap_counts_lumen_only(scene):
    grid, _, lesion, reference = scene
    inside = np.linalg.norm(positions(grid), axis=-1) < 4
    structures = structures_of(grid, aorta=inside)
    rows = measure_enhancement(ct_exam(scene, structures=structures), lesion, reference)
    overlap = [row for row in rows if row.metric == "vessel_overlap"]
    assert [row.value for row in overlap] == [0.0]
    assert overlap[0].phase == "non_contrast"
    structures = structures_of(grid, hepatic_veins=inside)
    rows = measure_enhancement(ct_exam(scene, structures=structures), lesion, reference)
    overlap = [row for row in rows if row.metric == "vessel_overlap"]
    assert overlap[0].value == pytest.approx(4 / 3 * np.pi * 64 / 1000, rel=0.05)
    assert not any(
        row.metric == "vessel_overlap"
        for row in measure_enhancement(ct_exam(scene), lesion, reference)
    )


def test_liver_without_reference_has_no_liver_rows(scene):
    grid, _, lesion, _ = scene
    empty = LabelMap(np.zeros(grid.shape, np.uint8), grid)
    rows = by_phase(measure_enhancement(ct_exam(scene), lesion, empty))
    assert ("late_arterial", "liver_mean") not in rows
    assert "no liver reference" in reasons(rows["late_arterial", "mean"])
    liver_rows = measure_liver(ct_exam(scene), empty)
    assert {row.metric for row in liver_rows} == {"voxel_volume"}


def test_reference_with_fewer_margins_is_doubted(scene):
    grid, _, lesion, _ = scene
    small = ball(26.0, grid)
    reference = liver_reference(small, [lesion.mask], None)
    assert reference.name_of(1) == "liver reference up to the lesions"
    rows = by_phase(measure_enhancement(ct_exam(scene), lesion, reference))
    assert "up to the lesions" in reasons(rows["late_arterial", "liver_mean"])


def test_series_without_a_shift_is_an_error(scene):
    exam = ct_exam(scene)
    object.__setattr__(exam, "shifts", exam.shifts[:1])
    with pytest.raises(MeasurementError, match="was not aligned"):
        measure_enhancement(exam, scene[2], scene[3])


def test_liver_rows(scene):
    grid, liver, _, reference = scene
    x = positions(grid)
    far = np.linalg.norm(x - [30.0, 0, 0], axis=-1) < 6
    thin = np.linalg.norm(x[..., :2] - [0.0, 30.0], axis=-1) < 1.2
    exam = ct_exam(scene, structures=structures_of(grid, spleen=far, portal_vein=thin))
    arrays = {item.record.key: np.array(item.volume.array) for item in exam.series}
    for array in arrays.values():
        array[far] = 150.0
        array[thin] = 130.0
    items = [series(arrays[item.record.key], grid, str(item.call.phase)) for item in exam.series]
    exam = exam_of(items, liver, scene[2], structures=exam.structures)
    reference = liver_reference(liver, [scene[2].mask], exam.structures)
    rows = by_phase(measure_liver(exam, reference))
    assert {row.lesion for row in rows.values()} == {"liver"}
    volume = rows["non_contrast", "voxel_volume"]
    assert volume.value == pytest.approx(np.pi / 6 * 80**3 / 1000, rel=0.005)
    assert volume.lower == pytest.approx(0.9725 * volume.value)
    assert ("late_arterial", "voxel_volume") not in rows
    for phase, (level, _, _) in CT.items():
        assert rows[phase, "median"].value == level
        assert rows[phase, "spleen_mean"].value == 150.0
        assert rows[phase, "portal_vein_mean"].value == 130.0
        assert ("late_arterial", "aorta_mean") not in rows
    assert "too thin" in reasons(rows["late_arterial", "portal_vein_mean"])
    assert reasons(rows["late_arterial", "spleen_mean"]) == ""


def test_empty_masks_are_refused(scene):
    grid = scene[0]
    empty = LabelMap(np.zeros(grid.shape, np.uint8), grid)
    with pytest.raises(EmptyLabelError):
        measure_enhancement(ct_exam(scene), lesion_of(empty), scene[3])
    exam = ct_exam((grid, empty, scene[2], scene[3]))
    with pytest.raises(EmptyLabelError):
        measure_liver(exam, scene[3])


@pytest.mark.parametrize(("sectors", "count"), [(fine_sectors, 36), (coarse_sectors, 20)])
def test_sectors_are_even(sectors, count):
    points = np.random.default_rng(0).normal(size=(72000, 3))
    counts = np.bincount(sectors(points), minlength=count)
    assert len(counts) == count
    assert counts.min() > 0.9 * 72000 / count
    assert counts.max() < 1.1 * 72000 / count


def rim_of(value, directions, copies):
    """So many voxels in each direction, all of one value a direction."""
    return RimVoxels(
        np.repeat(np.broadcast_to(value, len(directions)), copies), np.repeat(directions, copies, 0)
    )


def test_coverage_needs_enough_sectors():
    directions = sector_directions()
    before = rim_of(50.0, directions, 10)
    after = rim_of(np.where(np.arange(20) < 15, 71.0, 60.0), directions, 10)
    assert ring_coverage(before, after, relative=False) == (0.75, "")
    assert ring_coverage(before, after, relative=True)[0] == 1.0  # from 57.5
    few = rim_of(71.0, directions[:11], 10)
    share, refusal = ring_coverage(before, few, relative=False)
    assert share is None
    assert "only 11 sectors" in refusal


def test_a_nodule_that_reaches_into_a_sector_does_not_make_it_enhance():
    directions = sector_directions()
    before = rim_of(50.0, directions, 10)
    values = np.full(200, 50.0)
    values[::10] = values[1::10] = values[2::10] = values[3::10] = 250.0  # 4 of 10 voxels
    assert ring_coverage(before, RimVoxels(values, before.outward_mm), relative=False) == (0.0, "")


def test_grid_in_another_known_frame_is_reached_by_its_shift(scene):
    grid, liver, lesion, reference = scene
    other = Grid(grid.shape, grid.lps_from_index, FRAME + ".9")
    items = [
        series(paint(grid, CT["non_contrast"]), grid, "non_contrast"),
        series(paint(other, CT["late_arterial"]), other, "late_arterial"),
    ]
    rows = by_phase(measure_enhancement(exam_of(items, liver, lesion), lesion, reference))
    assert rows["late_arterial", "enhancement"].value > 40

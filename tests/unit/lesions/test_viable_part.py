from __future__ import annotations

from dataclasses import replace

import pytest

from liverseg.lesions import measure_size, measure_viable_part
from liverseg.teach import pattern_scene


def rows_of(scene):
    detail = measure_viable_part(scene.exam, scene.exam.lesions[0])
    return {(row.phase, row.metric): row for row in detail.rows}


def scene_of(entity, **changes):
    options = {"diameter_mm": 36.0, "spacing_mm": (2.0, 1.0, 1.0), "breath_mm": 4.0}
    return pattern_scene(entity, **{**options, "noise_sd": 10.0, **changes})


@pytest.fixture(scope="module")
def whole():
    return scene_of("HCC")


def long_axis(scene):
    rows = measure_size(scene.exam.lesions[0].mask)
    return next(row for row in rows if row.metric == "long_axis")


def test_a_lesion_that_enhances_everywhere_is_viable_everywhere(whole):
    rows = rows_of(whole)
    assert rows["late_arterial", "viable_share"].value > 0.95
    assert rows["late_arterial", "viable_diameter"].value == pytest.approx(
        long_axis(whole).value, abs=2.0
    )


def test_rows_say_where_they_were_measured(whole):
    row = rows_of(whole)["late_arterial", "viable_diameter"]
    exam = whole.exam
    grid = exam.by_key(exam.reference).volume.grid
    assert row.series_uid == exam.by_key(exam.reference).record.series_uid
    for end in row.endpoints_lps_mm:
        assert grid.to_index(end)[0] == pytest.approx(row.slice, abs=1e-6)
    assert (row.lesion, row.modality) == (exam.lesions[0].name, "CT")


def test_a_dead_core_is_no_part_of_the_viable_diameter():
    scene = scene_of("colorectal metastasis")
    rows = rows_of(scene)
    assert rows["late_arterial", "viable_share"].value < 0.8
    assert rows["late_arterial", "viable_diameter"].value < long_axis(scene).value - 2.0


def test_mr_counts_from_a_share_of_the_signal_before_contrast():
    scene = scene_of("HCC", modality="MR", noise_sd=3.0)
    rows = rows_of(scene)
    assert rows["late_arterial", "viable_share"].value > 0.9
    assert "15 %" in rows["late_arterial", "viable_share"].method


def test_another_kernel_before_contrast_is_a_refusal(whole):
    arterial = next(
        n for n, item in enumerate(whole.exam.series) if str(item.call.phase) == "late_arterial"
    )
    series = list(whole.exam.series)
    facts = replace(series[arterial].record.facts, kernel="B70f")
    series[arterial] = replace(
        series[arterial], record=replace(series[arterial].record, facts=facts)
    )
    detail = measure_viable_part(replace(whole.exam, series=tuple(series)), whole.exam.lesions[0])
    assert not detail.rows
    assert "kernel" in detail.refusals[0].reason

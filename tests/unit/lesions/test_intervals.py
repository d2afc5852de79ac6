"""Measured intervals, and the small sibling of `make intervals`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.lesions import measure_intervals, measure_size
from liverseg.lesions.intervals import interval_of
from liverseg.lesions.perturb import reader_sd_mm, reader_steps, smooth_surface
from liverseg.teach import pattern_scene
from liverseg.testing.interval_scores import coverage_of, judge_intervals
from liverseg.testing.planted import planted_part_means
from liverseg.testing.variants import scene_variants


@pytest.fixture(scope="module")
def scene():
    return pattern_scene(
        "colorectal metastasis", diameter_mm=24.0, spacing_mm=(1.5, 1.0, 1.0), breath_mm=3.0, seed=1
    )


@pytest.fixture(scope="module")
def rows(scene):
    return measure_intervals(scene.exam, scene.exam.lesions[0])


def of(rows, metric, phase):
    return next(row for row in rows if (row.metric, row.phase) == (metric, phase))


def test_sizes_and_means_have_an_interval_that_names_its_phase(rows):
    named = {(row.metric, row.phase) for row in rows}
    assert {
        ("long_axis_interval", "portal_venous"),
        ("voxel_volume_interval", "portal_venous"),
    } <= named
    for phase in ("non_contrast", "late_arterial", "portal_venous", "delayed"):
        assert {(f"{m}_interval", phase) for m in ("mean", "rim_mean", "core_mean")} <= named
    assert ("rim_enhancement_interval", "late_arterial") in named
    assert ("rim_enhancement_interval", "non_contrast") not in named
    for row in rows:
        assert row.lower < row.value < row.upper
        assert row.lesion == "L1"
        assert row.series_uid


def test_intervals_lie_round_what_was_planted(scene, rows):
    length = of(rows, "long_axis_interval", "portal_venous")
    assert length.lower < scene.outline.long_axis_mm < length.upper
    assert 0.05 < (length.upper - length.lower) / length.value < 0.4
    for phase, (rim, core) in planted_part_means(scene).items():
        assert of(rows, "rim_mean_interval", str(phase)).value == pytest.approx(rim, abs=6.0)
        assert of(rows, "core_mean_interval", str(phase)).value == pytest.approx(core, abs=6.0)


def test_the_same_mask_gives_the_same_interval(scene, rows):
    assert measure_intervals(scene.exam, scene.exam.lesions[0]) == rows


def test_a_lesion_without_a_core_has_no_interval_for_one():
    small = pattern_scene("abscess", diameter_mm=8.0, spacing_mm=(2.0, 1.0, 1.0))
    metrics = {row.metric for row in measure_intervals(small.exam, small.exam.lesions[0])}
    assert {"mean_interval", "long_axis_interval"} <= metrics
    assert not any("rim" in name or "core" in name for name in metrics)


def test_enhancement_has_no_interval_where_it_is_refused(scene):
    series = tuple(
        replace(s, record=replace(s.record, facts=replace(s.record.facts, kvp=80.0)))
        if str(s.call.phase) == "late_arterial"
        else s
        for s in scene.exam.series
    )
    found = measure_intervals(replace(scene.exam, series=series), scene.exam.lesions[0])
    named = {(row.metric, row.phase) for row in found}
    assert ("rim_mean_interval", "late_arterial") in named
    assert ("rim_enhancement_interval", "late_arterial") not in named
    assert ("rim_enhancement_interval", "delayed") in named


def test_the_smooth_surface_is_that_of_the_mask(scene):
    surface = smooth_surface(scene.truth)
    (kept,) = surface.moved(np.zeros((1, 24 * 48)))
    assert np.count_nonzero(kept) == pytest.approx(np.count_nonzero(scene.truth.array), rel=0.002)
    (larger,) = surface.moved(np.full((1, 24 * 48), 1.0))
    grown = np.count_nonzero(larger) / np.count_nonzero(kept)
    # A bumpy surface has a little more area than a ball.
    assert grown == pytest.approx((26.0 / 24.0) ** 3, rel=0.05)


def test_readers_move_the_surface_as_far_as_the_table_says():
    steps = reader_steps(30.0, copies=400, seed=0)
    assert (steps[0] == 0).all()
    assert steps[1:].std() == pytest.approx(reader_sd_mm(30.0), rel=0.1)
    common = steps[1:].mean(axis=1).std()
    assert (
        0.6 < common / reader_sd_mm(30.0) < 0.85
    )  # half of the variance, and what is left of waves
    assert reader_sd_mm(60.0) > reader_sd_mm(10.0) > 0.5


def test_an_interval_is_moved_by_what_moving_does_on_average():
    found = np.array([10.0, 11.0, 13.0, 12.0])  # unmoved, then three readers: 2 too long
    interval = interval_of(found, 10.0)
    assert interval.value == pytest.approx(8.0)
    assert interval.upper - interval.value == pytest.approx(4.303, abs=0.001)


@pytest.mark.slow
def test_most_intervals_hold_what_was_planted():
    variants = [
        replace(v, diameter_mm=max(v.diameter_mm, 10.0)) for v in scene_variants(10, seed=3)
    ]
    judged = [
        one for v in variants if v.diameter_mm < 35.0 for one in judge_intervals(v, readers=3)
    ]
    for name in ("long axis", "volume", "rim mean", "core mean"):
        own = [one for one in judged if one.name == name]
        # Of so few a share below 0.8 has a chance of less than one in a thousand.
        assert coverage_of(own) >= 0.8, name
        assert all(one.half > 0 for one in own)
        assert np.std([one.z for one in own]) > 0.3, f"{name}: wider than it need be"


def test_the_plain_rows_keep_the_published_limits(scene):
    row = next(r for r in measure_size(scene.truth) if r.metric == "long_axis")
    assert row.lower == pytest.approx(row.value * 0.779)

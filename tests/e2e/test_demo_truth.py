"""The digital case measured against its own truth."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from liverseg import CaseFile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["reconciled", "text", "figures"])
def measured(request, demo_of):
    folder = demo_of(request.param)
    table = pd.read_parquet(folder / "measurements.parquet")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert [exam["exam"] for exam in truth["exams"]][:2] == ["2015_CT", "2015_MR"]
    with CaseFile.open(folder / "case.liverseg", read_only=True) as case:
        shifts = {
            shift.series_key: shift.series_from_reference.offset_mm
            for exam_id in case.exam_ids()
            for shift in case.stored_exam(exam_id).shifts
        }
    return table, truth, shifts


def rows_of(table, exam, lesion, metric):
    found = table[
        (table.date == exam["date"])
        & (table.lesion == lesion)
        & (table.metric == metric)
        & table.series_uid.isin([series["series_uid"] for series in exam["series"]])
    ]
    assert len(found) > 0, (exam["exam"], lesion, metric)
    return found


def test_volume_within_3_percent_of_the_analytic_shape(measured):
    table, truth, _ = measured
    for exam in truth["exams"]:
        for lesion in exam["lesions"]:
            value = rows_of(table, exam, lesion["name"], "voxel_volume").value.iloc[0]
            assert value == pytest.approx(lesion["volume_ml"], rel=0.03), lesion["name"]


def test_long_axis_within_one_pixel_of_the_analytic_shape(measured):
    table, truth, _ = measured
    for exam in truth["exams"]:
        for lesion in exam["lesions"]:
            value = rows_of(table, exam, lesion["name"], "long_axis").value.iloc[0]
            assert abs(value - lesion["long_axis_mm"]) <= exam["in_plane_mm"], lesion["name"]


def test_segment_is_right(measured):
    table, truth, _ = measured
    for exam in truth["exams"]:
        for lesion in exam["lesions"]:
            shares = rows_of(table, exam, lesion["name"], "couinaud_share")
            best = shares.loc[shares.value.idxmax()]
            assert best.segment == lesion["segment"]
            assert best.value >= 0.9


def test_breathing_is_found_within_half_a_millimetre(measured):
    _, truth, shifts = measured
    for exam in truth["exams"]:
        for series in exam["series"]:
            found = shifts[series["series_uid"]]
            assert math.dist(found, series["shift_mm"]) <= 0.5, series["name"]
            moved = math.hypot(*series["shift_mm"])
            assert moved == 0.0 if series["name"] == exam["reference"] else 2.0 <= moved <= 6.0


def test_rim_and_core_within_5_hu_or_5_percent(measured):
    table, truth, _ = measured
    checked = 0
    for exam in truth["exams"]:
        for series in exam["series"]:
            for lesion, parts in series["part_means"].items():
                for metric in ("rim_mean", "core_mean"):
                    rows = rows_of(table, exam, lesion, metric)
                    value = rows[rows.series_uid == series["series_uid"]].value.iloc[0]
                    true = parts[metric]
                    limit = 5.0 if exam["modality"] == "CT" else 0.05 * abs(true)
                    assert abs(value - true) <= limit, (series["phase"], lesion, metric)
                    checked += 1
    assert checked >= 2 * len(truth["exams"])

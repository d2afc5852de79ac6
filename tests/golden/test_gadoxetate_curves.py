"""Liver uptake from measured curves: 10 volunteers without, 8 with a blocker of uptake.

Min T, Tibiletti M, Hockings P et al., Proc ISMRM 2024, 4015 (Zenodo 15285027, CC BY 4.0).
"""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest

from liverseg.lesions import inadequate_uptake, load_limits, relative_enhancement

MINUTE_S = 60.0


@pytest.fixture(scope="module")
def volunteers(shared_data):
    """Signal of liver before contrast, at 1 and 20 minutes, by subject and visit."""
    folder = shared_data / "gadoxetate_curves"
    if not folder.is_dir():
        pytest.skip("no gadoxetate curves")
    baseline = {}
    with (folder / "summary_relative_enhancement.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            baseline[row["subject"], row["visit"]] = float(row["baseline_length_s"])
    curves = {}
    with gzip.open(folder / "signal_time_first_injection.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["subject"].startswith("H"):
                curves.setdefault((row["subject"], row["visit"]), []).append(row)
    return {key: signals(rows, baseline[key]) for key, rows in curves.items()}


def signals(rows, baseline_s):
    time, aorta, liver = (
        np.array([float(row[name]) for row in rows]) for name in ("time_s", "aorta", "liver")
    )
    fine = np.array([row["liver_accepted"] == "1" for row in rows])
    native = aorta[time < baseline_s].mean()
    arrival = time[aorta >= native + 0.5 * (aorta.max() - native)][0]

    def at(minutes):
        near = np.abs(time - arrival - minutes * MINUTE_S) <= 30.0
        return np.array([liver[near & fine].mean()])

    return np.array([liver[(time < baseline_s) & fine].mean()]), at(1.0), at(20.0)


def of_visit(volunteers, word):
    return [found for (_, visit), found in volunteers.items() if word in visit]


@pytest.mark.parametrize(
    ("visit", "count", "median", "within"),
    [("control", 10, 58.0, 3.0), ("rifampicin", 8, 7.0, 2.0)],
)
def test_median_enhancement_of_liver_at_20_minutes(volunteers, visit, count, median, within):
    rises = [
        float(relative_enhancement(late, before)[0])
        for before, _, late in of_visit(volunteers, visit)
    ]
    assert len(rises) == count
    assert np.median(rises) == pytest.approx(median, abs=within)


@pytest.mark.parametrize(("visit", "inadequate"), [("control", False), ("rifampicin", True)])
def test_inadequate_uptake_is_said_of_every_volunteer_whose_uptake_is_blocked(
    volunteers, visit, inadequate
):
    limits = load_limits()
    for before, portal, late in of_visit(volunteers, visit):
        test = inadequate_uptake(late, limits, before=before, portal=portal)
        assert test is not None
        assert bool(test.holds[0]) is inadequate

"""Rules on enhancement: whole tumour, ring, and how long it lasts."""

import pytest
from findings_rows import CORE_P2, MadeExam, changed, claim, irregular, judge, smooth, without

ART, DELAYED = "late_arterial", "delayed"


def exam_rows(modality, lesion):
    return MadeExam("2015-06-01", modality, (lesion,)).rows()


RING = irregular("F7", CORE_P2)
FULL = smooth("T7", "7", (30, 28, 26), "P1")


def whole(modality="CT", **more):
    return claim("whole_enhancement", modality=modality, phase=ART, lesions="all", **more)


@pytest.mark.parametrize(
    ("modality", "core", "verdict"),
    [
        ("CT", 20.0, "agrees"),
        ("CT", 19.9, "borderline"),
        ("CT", 10.0, "borderline"),
        ("CT", 9.9, "conflicts"),
        ("CT", -5.0, "conflicts"),
        ("MR", 15.0, "agrees"),
        ("MR", 14.9, "borderline"),
        ("MR", 8.0, "borderline"),
        ("MR", 7.9, "conflicts"),
    ],
)
def test_the_whole_tumour_enhances_when_its_core_does(modality, core, verdict):
    rows = changed(exam_rows(modality, FULL), "core_enhancement", core, phase=ART)
    judged = judge(whole(modality), rows)
    holds = "enhances" if verdict == "agrees" else "does not enhance"
    number = f"{core:+.1f} {'HU' if modality == 'CT' else '%'}"
    note = " (borderline)" if verdict == "borderline" else ""
    assert judged.verdict == verdict
    assert judged.reason == (
        f"in the late arterial phase the core {holds} in the one lesion: T7 {number}{note}"
    )
    assert (judged.value, judged.phase, judged.lesion) == (f"{core:.1f}", ART, "T7")
    assert judged.series_uid == f"1.2.2015-06-01.{modality}.{ART}"


def test_limits_are_told_with_their_sources():
    told = judge(whole(), exam_rows("CT", FULL)).tolerance
    assert told.startswith("core +20 HU or more agrees, from +10 HU borderline. Source: ")
    assert "ACR 2017" in told
    assert "chosen for this project" in told


def ring(modality="CT"):
    return claim("ring", modality=modality, phase=ART, lesions="all")


def ring_rows(modality, rim, core, coverage):
    rows = exam_rows(modality, RING)
    for metric, value in (("rim_enhancement", rim), ("core_enhancement", core)):
        rows = changed(rows, metric, value, phase=ART)
    return changed(rows, "ring_coverage", coverage, phase=ART)


@pytest.mark.parametrize(
    ("modality", "rim", "core", "coverage", "verdict"),
    [
        ("CT", 40, 20, 0.75, "agrees"),
        ("CT", 40, 20.1, 0.75, "conflicts"),  # rim minus core below 20 HU
        ("CT", 40, 20, 0.74, "conflicts"),  # open on one side
        ("CT", 19, -1, 1.0, "borderline"),  # the rim itself is equivocal
        ("CT", 9, -20, 1.0, "conflicts"),  # the rim does not enhance
        ("MR", 45, 20, 0.75, "agrees"),
        ("MR", 44.9, 20, 0.75, "conflicts"),
        ("MR", 14, -20, 1.0, "borderline"),
    ],
)
def test_a_ring_is_brighter_than_the_core_almost_all_round(modality, rim, core, coverage, verdict):
    judged = judge(ring(modality), ring_rows(modality, rim, core, coverage))
    assert judged.verdict == verdict
    assert judged.value == f"{rim - core:.1f}"
    assert judged.unit == ("HU" if modality == "CT" else "points")
    holds = "there is a ring" if verdict == "agrees" else "there is no ring"
    assert judged.reason.startswith(
        f"in the late arterial phase {holds} in the one lesion: F7 rim "
    )
    assert f"coverage {100 * coverage:.3g} %" in judged.reason


@pytest.mark.parametrize("made", [whole(), ring()], ids=lambda made: made.test)
def test_rows_that_are_missing_leave_enhancement_open(made):
    rows = without(exam_rows("CT", RING), metric="core_enhancement", phase=ART)
    judged = judge(made, rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason == "no core enhancement on the late arterial phase"
    assert judged.tolerance


def lasting(modality="CT", phase=DELAYED):
    return claim("prolonged", modality=modality, phase=phase, lesions="all")


def lasting_rows(lesion, *, late, portal=80.0, arterial=60.0, mean=100.0, part=""):
    """CT rows with these enhancements of the lesion or of its part; liver is at 95 HU late."""
    rows = exam_rows("CT", lesion)
    metric = f"{part}enhancement"
    for phase, value in ((ART, arterial), ("portal_venous", portal), (DELAYED, late)):
        rows = changed(rows, metric, value, phase=phase)
    return changed(rows, f"{part}mean", mean, lesion=lesion.name, phase=DELAYED)


@pytest.mark.parametrize(
    ("late", "peak", "mean", "verdict", "value"),
    [
        (64.0, 80.0, 100.0, "agrees", "80.0"),
        (63.9, 80.0, 100.0, "conflicts", "79.9"),
        (64.0, 80.0, 85.0, "agrees", "80.0"),  # 10 HU below liver is as bright as liver
        (64.0, 80.0, 84.9, "conflicts", "80.0"),
        (15.0, 15.0, 100.0, "borderline", "100.0"),  # its peak is equivocal
        (9.0, 9.0, 100.0, "conflicts", "100.0"),
        (5.0, -2.0, 100.0, "conflicts", "0.0"),
    ],
)
def test_enhancement_lasts_when_most_of_its_peak_is_left(late, peak, mean, verdict, value):
    rows = lasting_rows(FULL, late=late, portal=peak, arterial=min(peak, 1.0), mean=mean)
    judged = judge(lasting(), rows)
    assert (judged.verdict, judged.value, judged.unit) == (verdict, value, "%")
    assert judged.phase == DELAYED


def test_the_higher_of_arterial_and_portal_venous_is_the_peak():
    judged = judge(lasting(), lasting_rows(FULL, late=64.0, portal=60.0, arterial=90.0))
    assert (judged.verdict, judged.value) == ("conflicts", "71.1")
    assert "T7 +64.0 HU of +90.0 HU, 5.0 HU above liver" in judged.reason


def test_of_a_ring_the_rim_is_judged():
    rows = lasting_rows(RING, late=70.0, portal=80.0, arterial=64.0, part="rim_")
    judged = judge(lasting(), rows)
    assert (judged.verdict, judged.value) == ("agrees", "87.5")
    assert "F7 rim +70.0 HU of +80.0 HU" in judged.reason
    assert judged.doubts == ()


def test_without_ring_coverage_the_whole_lesion_is_judged_with_a_doubt():
    rows = without(lasting_rows(RING, late=80.0), metric="ring_coverage")
    judged = judge(lasting(), rows)
    assert (judged.verdict, judged.value) == ("agrees", "100.0")
    assert [doubt.reason for doubt in judged.doubts] == [
        "whether it is a ring is not known (no ring coverage on the late arterial phase): "
        "the whole lesion is judged"
    ]


@pytest.mark.parametrize("phase", [ART, "portal_venous", DELAYED])
def test_every_phase_of_the_curve_is_needed(phase):
    kept = [row for row in exam_rows("CT", FULL) if row.phase != phase]
    judged = judge(lasting(), kept)
    assert judged.verdict == "not_assessable"
    assert judged.reason == f"the CT of 2015-06-01 has no {phase.replace('_', ' ')} phase"


def test_a_claim_without_a_phase_means_the_delayed_one():
    judged = judge(lasting(phase=""), lasting_rows(FULL, late=64.0))
    assert judged.reason.startswith("into the delayed phase enhancement lasts")


@pytest.mark.parametrize(
    ("ratio", "verdict", "of_liver"), [(0.9, "agrees", "0.90"), (0.89, "conflicts", "0.89")]
)
def test_on_mr_the_ratio_to_liver_counts(ratio, verdict, of_liver):
    rows = exam_rows("MR", FULL)
    rows = changed(rows, "mean", ratio * 175, lesion="T7", phase="transitional")
    judged = judge(lasting("MR", "transitional"), rows)
    assert judged.verdict == verdict
    assert judged.reason.endswith(f", {of_liver} of liver")
    assert "not darker than liver beyond 0.9 of it" in judged.tolerance


def test_on_mr_a_liver_without_signal_gives_no_ratio():
    rows = changed(exam_rows("MR", FULL), "liver_mean", 0.0, phase="transitional")
    judged = judge(lasting("MR", "transitional"), rows)
    assert judged.verdict == "agrees"
    assert "of liver" not in judged.reason

"""Rules on signal against liver, and on hepatocyte uptake."""

import pytest
from findings_rows import MadeExam, changed, claim, judge, smooth, without

HBP = "hepatobiliary"
MINUS = "minus liver "
LESION = (smooth("T7", "7", (30, 28, 26), "P1"),)
CT = MadeExam("2015-06-01", "CT", LESION).rows()
MR = MadeExam("2015-06-01", "MR", LESION).rows()


def intensity(level, modality="CT", phase="portal_venous"):
    return claim("intensity", modality=modality, phase=phase, lesions="all", level=level)


@pytest.mark.parametrize(
    ("difference", "level"),
    [(-10.1, "low"), (-10, "same"), (0, "same"), (10, "same"), (10.1, "high")],
)
@pytest.mark.parametrize("claimed", ["low", "same", "high"])
def test_on_ct_the_difference_to_liver_decides(difference, level, claimed):
    rows = changed(CT, "lesion_liver_difference", difference, phase="portal_venous")
    judged = judge(intensity(claimed), rows)
    assert judged.verdict == ("agrees" if claimed == level else "conflicts")
    assert (judged.unit, judged.phase, judged.slice) == ("HU", "portal_venous", 40)
    assert float(judged.value) == difference


@pytest.mark.parametrize(
    ("phase", "ratio", "level"),
    [
        (HBP, 0.899, "low"), (HBP, 0.9, "same"), (HBP, 1.1, "same"), (HBP, 1.101, "high"),
        ("t2", 0.849, "low"), ("t2", 0.85, "same"), ("t2", 1.15, "same"), ("t2", 1.151, "high"),
    ],
)  # fmt: skip
def test_on_mr_the_ratio_to_liver_decides_with_a_wider_band_on_t2(phase, ratio, level):
    rows = changed(MR, "lesion_liver_ratio", ratio, phase=phase)
    verdicts = {word: judge(intensity(word, "MR", phase), rows).verdict for word in
                ("low", "same", "high")}  # fmt: skip
    assert verdicts == {word: "agrees" if word == level else "conflicts" for word in verdicts}


@pytest.mark.parametrize(
    ("made", "told", "tolerance"),
    [
        (intensity("high"), "in the portal venous phase the attenuation is not high", MINUS),
        (intensity("low"), "in the portal venous phase the attenuation is not low", MINUS),
        (intensity("same"), "in the portal venous phase the attenuation is like that of", MINUS),
        (intensity("high", "MR", "t2"), "on T2 the signal is high", "over liver above 1.15"),
        (intensity("low", "MR", "non_contrast"), "on the T1 series before contrast the signal",
         "over liver below 0.9"),
        (intensity("low", phase="non_contrast"), "on the series before contrast the attenuation",
         MINUS),
    ],
)  # fmt: skip
def test_the_sentence_names_series_and_level(made, told, tolerance):
    judged = judge(made, MR if made.modality == "MR" else CT)
    assert judged.reason.startswith(told)
    assert judged.reason.split(" in the one lesion: ")[1].startswith("T7 ")
    assert judged.tolerance.startswith(f"lesion {tolerance}")


@pytest.mark.parametrize(
    ("level", "told"),
    [("low", "below -10 HU"), ("same", "from -10 to 10 HU"), ("high", "above 10 HU")],
)
def test_the_band_is_told_with_its_source(level, told):
    assert judge(intensity(level), CT).tolerance == (
        f"lesion minus liver {told}. Source: chosen for this project, no published limit"
    )


def test_of_several_lesions_the_one_furthest_off_the_level_comes_first():
    lesions = (*LESION, smooth("B", "5", (20, 18, 16)), smooth("C", "6", (18, 16, 15)))
    rows = MadeExam("2015-06-01", "CT", lesions).rows()
    for lesion, value in (("T7", -30.0), ("B", -50.0), ("C", 30.0)):
        rows = changed(rows, "lesion_liver_difference", value, lesion=lesion, phase="delayed")
    for level, best in (("low", "B, T7"), ("high", "C")):
        made = claim("intensity", phase="delayed", lesions="any", level=level)
        assert judge(made, rows).lesion == best
    none = judge(claim("intensity", phase="delayed", lesions="any", level="same"), rows)
    assert none.verdict == "conflicts"
    assert none.reason.endswith("the nearest is T7 with -30.0 HU")


def test_a_missing_row_leaves_the_level_open():
    rows = without(CT, metric="lesion_liver_difference", phase="portal_venous")
    judged = judge(intensity("low"), rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason == "no lesion liver difference on the portal venous phase"


def uptake_rows(rim=78.0, core=74.0, liver=195.0, blood=105.0):
    """Rows with these means in the hepatobiliary phase."""
    rows = MR
    for metric, value in (("rim_mean", rim), ("core_mean", core), ("liver_mean", liver),
                          ("ivc_mean", blood)):  # fmt: skip
        rows = changed(rows, metric, value, phase=HBP)
    return rows


def no_uptake(phase=HBP):
    return claim("no_uptake", modality="MR", phase=phase, lesions="all")


@pytest.mark.parametrize(
    ("rim", "core", "liver", "blood", "verdict"),
    [
        (78, 74, 195, 105, "agrees"),
        (89.9, 50, 100, 200, "agrees"),
        (90, 50, 100, 200, "conflicts"),  # the rim is as bright as liver
        (50, 90, 100, 200, "conflicts"),  # so is the core
        (88, 50, 200, 80, "agrees"),  # at 1.10 of blood
        (88.1, 50, 200, 80, "conflicts"),  # brighter than blood
    ],
)
def test_no_uptake_means_darker_than_liver_and_no_brighter_than_blood(
    rim, core, liver, blood, verdict
):
    judged = judge(no_uptake(), uptake_rows(rim, core, liver, blood))
    assert judged.verdict == verdict
    assert judged.value == f"{max(rim, core) / liver:.2f}"
    word = "absent" if verdict == "agrees" else "present"
    assert judged.reason.startswith(f"in the hepatobiliary phase uptake is {word} in the one")
    assert judged.reason.endswith(
        f"rim {rim / liver:.2f} and core {core / liver:.2f} of liver, "
        f"{max(rim, core) / blood:.2f} of blood"
    )


def test_the_portal_vein_stands_in_for_the_vena_cava():
    rows = without(uptake_rows(), metric="ivc_mean")
    rows = changed(rows, "portal_vein_mean", 39.0, phase=HBP)
    judged = judge(no_uptake(), rows)
    assert judged.verdict == "conflicts"
    assert judged.reason.endswith("2.00 of blood")


def test_without_blood_a_dark_lesion_stays_open_and_a_bright_one_does_not():
    rows = MadeExam("2015-06-01", "MR", LESION, structures=False).rows()
    judged = judge(no_uptake(), rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason == (
        "no reference for blood (inferior vena cava or portal vein) on the MR of 2015-06-01: "
        "pass --structures"
    )
    bright = judge(no_uptake(), changed(rows, "rim_mean", 195.0, phase=HBP))
    assert bright.verdict == "conflicts"
    assert "blood" not in bright.reason


def test_blood_without_signal_is_no_reference():
    rows = changed(uptake_rows(blood=0.0), "portal_vein_mean", 0.0, phase=HBP)
    assert judge(no_uptake(), rows).verdict == "not_assessable"


def test_a_liver_without_signal_leaves_uptake_open():
    judged = judge(no_uptake(), uptake_rows(liver=0.0))
    assert judged.verdict == "not_assessable"
    assert judged.reason == "the liver has no signal on the hepatobiliary phase"


def test_uptake_of_the_liver_must_be_adequate():
    assert judge(no_uptake(), uptake_rows(liver=181.0, blood=100.0)).doubts == ()
    judged = judge(no_uptake(), uptake_rows(liver=180.0, blood=100.0))
    assert judged.verdict == "agrees"
    assert [doubt.reason for doubt in judged.doubts] == [
        "liver over vena cava is 1.80, not above 1.8: uptake may be incomplete"
    ]


def test_without_a_named_phase_the_hepatobiliary_one_is_looked_at():
    assert judge(no_uptake(phase=""), uptake_rows()).phase == HBP
    rows = [row for row in uptake_rows() if row.phase != HBP]
    judged = judge(no_uptake(phase=""), rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason == "the MR of 2015-06-01 has no hepatobiliary phase"

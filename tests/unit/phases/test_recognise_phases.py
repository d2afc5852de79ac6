"""Phases from words, times and attributes; weak or clashing evidence stays undetermined."""

from __future__ import annotations

import csv

import pytest

from liverseg.errors import InputError
from liverseg.geometry import Grid
from liverseg.phases import (
    parse_phase,
    recognise_phases,
    reference_phase_order,
    sequence_in_text,
)
from liverseg.phases.text import find_terms, fold, tokens
from liverseg.records import Phase, SeriesFacts, SeriesRecord

GRID = Grid.axial((2, 2, 2), (1, 1, 1))
EOB = "gadoxetate disodium"


def record(description="", modality="CT", *, key="1.2", number=None, study="s", **facts):
    return SeriesRecord(
        key=key,
        series_uid=key.split("#")[0],
        study_uid=study,
        modality=modality,
        date="2015-06-01",
        number=number,
        description=description,
        study_description="CT LIVER TRIPHASIC",
        slices=(),
        grid=GRID,
        unit="HU",
        facts=SeriesFacts(**facts),
    )


def call(description="", modality="CT", **facts):
    one = record(description, modality, **facts)
    return recognise_phases([one])[one.key]


# What a phantom or a tidy site writes -------------------------------------------------


@pytest.mark.parametrize(
    ("description", "delay", "phase"),
    [
        ("CT non-contrast", -30, "non_contrast"),
        ("CT arterial phase", 35, "late_arterial"),
        ("CT portal venous phase", 70, "portal_venous"),
        ("CT late phase", 180, "delayed"),
        ("CT delayed phase", 180, "delayed"),
    ],
)
def test_tidy_ct_series_are_recognised_with_both_reasons(description, delay, phase):
    found = call(description, delay_s=delay)
    assert (found.phase, found.evidence) == (phase, "time")
    assert f"{abs(delay)} s" in found.reason
    assert "description says" in found.reason


@pytest.mark.parametrize(
    ("description", "delay", "phase"),
    [
        ("T1 non-contrast", -60, "non_contrast"),
        ("T1 pre", None, "non_contrast"),
        ("T1 arterial phase", 25, "late_arterial"),
        ("T1 portal venous phase", 65, "portal_venous"),
        ("T1 transitional phase", 180, "transitional"),
        ("T1 hepatocyte phase", 1200, "hepatobiliary"),
        ("T1 late phase", 180, "transitional"),
        ("T1 delayed", 1200, "hepatobiliary"),
    ],
)
def test_tidy_gadoxetate_series_are_recognised(description, delay, phase):
    found = call(description, "MR", delay_s=delay, contrast_agent=EOB, echo_time_ms=1.5)
    assert found.phase == phase


@pytest.mark.parametrize("delay", [None, -60, 180, 1500])
def test_sequences_have_no_phase_whenever_they_were_acquired(delay):
    facts = {"delay_s": delay, "contrast_agent": EOB}
    assert call("T2 fat-saturated", "MR", **facts).phase is Phase.T2
    assert call("ADC", "MR", **facts).phase is Phase.ADC
    assert call("DWI b800", "MR", **facts).phase is Phase.DWI


# Words --------------------------------------------------------------------------------

WORDS = {
    "Portalvenöse Phase 1.5": "portal_venous",
    "spätvenös": "delayed",
    "temps artériel": "late_arterial",
    "ARTÉRIEL TARDIF": "late_arterial",
    "fase portal": "portal_venous",
    "動脈優位相": "late_arterial",
    "肝細胞造影相": "hepatobiliary",
    "门静脉期": "portal_venous",
    "延迟期": "delayed",
    "ＰＯＲＴＡＬ": "portal_venous",
    "HBP20min": "hepatobiliary",
    "LateArterial": "late_arterial",
    "early arterial": "early_arterial",
    "ABD_W/O_CONTRAST": "non_contrast",
}


@pytest.mark.parametrize("text", WORDS)
def test_words_of_six_languages(text):
    modality = "MR" if WORDS[text] == "hepatobiliary" else "CT"
    assert call(text, modality).phase == WORDS[text]


@pytest.mark.parametrize(
    "text",
    [
        "artefact",
        "MPVR",
        "submission",
        "prep",
        "pre-op",
        "w/wo contrast",
        "ABD W AND WO",
        "TRIPHASIC LIVER",
        "ARTERIAL_VENOUS",
        "AP",
        "PV",
        "late",
        "early",
        "dynamic",
        "post",
        "+C",
        "70 s",
        "FAZA PO B20s",
    ],
)
def test_parts_of_words_mixtures_and_weak_words_stay_undetermined(text):
    found = call(text)
    assert found.phase is Phase.UNDETERMINED
    assert found.evidence == "none"
    assert found.reason


@pytest.mark.parametrize(
    ("text", "modality", "facts", "phase"),
    [
        ("venous", "CT", {}, "portal_venous"),
        ("venous", "MR", {}, "undetermined"),
        ("late 3 min", "CT", {}, "delayed"),
        ("PV 70s", "CT", {}, "portal_venous"),
        ("early phase", "CT", {"delay_s": 20}, "early_arterial"),
        ("early phase", "CT", {"delay_s": 40}, "late_arterial"),
        ("60_SEC_POST_CON", "CT", {}, "portal_venous"),
        ("TP", "MR", {"contrast_agent": "Primovist"}, "transitional"),
        ("late", "CT", {"protocol": "Leber delayed"}, "delayed"),
    ],
)
def test_weak_words_need_a_second_source(text, modality, facts, phase):
    assert call(text, modality, **facts).phase == phase


def test_an_ambiguous_word_does_not_contradict():
    assert call("AP w/o 2.0 B31f").phase is Phase.NON_CONTRAST  # abdomen and pelvis


def test_every_term_of_the_reference_vocabulary_is_in_the_table_or_is_a_time(shared_data):
    source = shared_data.parent / "reference" / "tables" / "phase_vocabulary.csv"
    if not source.exists():
        pytest.skip(f"no vocabulary at {source}")
    with source.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            term = row["term"].split(" (")[0]
            if any(sign.isdigit() for sign in term):
                continue
            hits = find_terms(term, "phase_words")
            phases = {hit.row.more["phase"] for hit in hits}
            wanted = row["phase"].replace(" ", "_").replace("-", "_")
            assert wanted in phases or "early_arterial" in phases, term


# Agent, attribute, clashes --------------------------------------------------------------


def test_delayed_with_gadoxetate_depends_on_the_time():
    found = call("delayed", "MR", contrast_agent=EOB)
    assert found.phase is Phase.UNDETERMINED
    assert "transitional or hepatobiliary" in found.reason
    assert call("delayed 3 min", "MR", contrast_agent=EOB).phase is Phase.TRANSITIONAL
    assert call("EOB delay 20 min", "MR").phase is Phase.HEPATOBILIARY
    assert call("delayed", "MR", contrast_agent="Gadovist").phase is Phase.DELAYED


def test_the_agent_is_known_from_the_other_series_of_the_study():
    series = [
        record("T1 late 20 min", "MR", key="a"),
        record("T1 pre", "MR", key="b", contrast_agent=EOB),
        record("T1 late 20 min", "MR", key="c", study="other"),
    ]
    calls = recognise_phases(series)
    assert calls["a"].phase is Phase.HEPATOBILIARY
    assert calls["c"].phase is Phase.UNDETERMINED
    assert "agent is not known" in calls["c"].reason


def test_a_phase_that_does_not_exist_is_not_called():
    found = call("hepatobiliary phase", "CT")
    assert found.phase is Phase.UNDETERMINED
    assert "does not exist on CT" in found.reason
    found = call("transitional", "MR", contrast_agent="Dotarem")
    assert "does not exist on MR with an extracellular agent" in found.reason


@pytest.mark.parametrize(
    ("term", "facts", "phase"),
    [
        ("ARTERIAL", {}, "late_arterial"),
        ("ARTERIAL", {"delay_s": 18}, "early_arterial"),
        ("PORTAL_VENOUS", {}, "portal_venous"),
        ("PRE_CONTRAST", {}, "non_contrast"),
        ("DELAYED", {}, "delayed"),
        ("POST_CONTRAST", {}, "undetermined"),
    ],
)
def test_the_contrast_phase_attribute(term, facts, phase):
    assert call("", "CT", contrast_phase=term, **facts).phase == phase


def test_two_sources_that_disagree_are_both_named():
    found = call("portal venous", delay_s=35)
    assert found.phase is Phase.UNDETERMINED
    assert "35 s" in found.reason
    assert "portal venous" in found.reason
    assert "late_arterial" in found.reason
    assert "times, words, attribute" in found.reason


def test_a_time_alone_decides_and_a_time_between_phases_does_not():
    assert call("", delay_s=70).evidence == "time"
    found = call("", delay_s=27)
    assert found.phase is Phase.UNDETERMINED
    assert "between phases" in found.reason


def test_a_late_time_without_a_known_agent_is_open():
    found = call("", "MR", delay_s=180)
    assert found.phase is Phase.UNDETERMINED
    assert "delayed or transitional" in found.reason


def test_the_study_description_names_the_protocol_not_the_phase():
    found = call("")
    assert found.phase is Phase.UNDETERMINED
    assert "no series description" in found.reason


def test_the_protocol_of_a_ct_is_weak_and_of_an_mr_is_not():
    assert call("", protocol="Abdomen arterial").phase is Phase.UNDETERMINED
    assert call("", "MR", protocol="t1_vibe_arterial").phase is Phase.LATE_ARTERIAL


# Sequences ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "facts", "phase"),
    [
        ("", {"image_type": ("DERIVED", "PRIMARY", "ADC"), "protocol": "DIFF B500"}, "adc"),
        ("ep2d_diff_b50_400_800_ADC", {}, "adc"),
        ("ep2d_diff_tracew", {}, "dwi"),
        ("", {"b_value_s_mm2": 800.0}, "dwi"),
        ("", {"b_value_s_mm2": 0.0}, "undetermined"),
        ("", {"protocol": "AX T2"}, "t2"),
        ("t2_tse_fs_tra", {"echo_time_ms": 90}, "t2"),
        ("ax tse", {"echo_time_ms": 90}, "t2"),
        ("ax tse", {}, "undetermined"),
        ("t1_tse", {}, "undetermined"),
        ("", {"echo_time_ms": 90}, "undetermined"),
        ("T2 map", {}, "undetermined"),
        ("T2* GRE", {}, "undetermined"),
        ("T1/T2 mix", {}, "undetermined"),
        ("t2_tra", {"echo_time_ms": 3}, "undetermined"),
        ("T1 arterial", {"echo_time_ms": 90}, "undetermined"),
        ("T1 VIBE arterial opp", {}, "undetermined"),
        ("arterial SUB", {}, "undetermined"),
        ("arterial", {"image_type": ("DERIVED", "SECONDARY", "SUBTRACT")}, "undetermined"),
        ("T1 fat sat arterial", {}, "late_arterial"),
        ("FAT: LAVA arterial", {}, "undetermined"),
        ("MRCP", {}, "undetermined"),
    ],
)
def test_mr_sequences(description, facts, phase):
    found = call(description, "MR", **facts)
    assert found.phase == phase
    assert found.reason


def test_sequence_words_for_other_rooms():
    assert sequence_in_text("Apparent Diffusion Coefficient (mm2/s)") is Phase.ADC
    assert sequence_in_text("AX T2") is Phase.T2
    assert sequence_in_text("portal venous") is None


# Overrides ------------------------------------------------------------------------------


def test_an_override_wins_by_every_way_to_name_a_series():
    one = record("CT arterial phase", key="1.2#2", number=7, delay_s=35)
    other = record("CT portal", key="1.3", number=8)
    for name in ("1.2#2", "1.2", "7", "ct ARTERIAL phase"):
        calls = recognise_phases([one, other], overrides={name: "portal"})
        assert (calls["1.2#2"].phase, calls["1.2#2"].evidence) == ("portal_venous", "override")
        assert calls["1.3"].evidence == "description"


def test_an_override_of_nothing_or_of_several_lists_the_candidates():
    series = [record("CT a", key="1.2", number=7), record("CT b", key="1.2#2", number=7)]
    with pytest.raises(InputError, match='there is no series "9"') as error:
        recognise_phases(series, overrides={"9": "late"})
    assert "1.2#2" in str(error.value)
    with pytest.raises(InputError, match="names 2 series"):
        recognise_phases(series, overrides={"7": "late"})
    with pytest.raises(InputError, match="is no phase"):
        recognise_phases(series, overrides={"1.2": "sideways"})
    with pytest.raises(InputError, match="scan a folder first"):
        recognise_phases([], overrides={"1.2": "late"})


def test_long_lists_of_candidates_are_cut():
    series = [record(key=str(k)) for k in range(20, 40)]
    with pytest.raises(InputError, match="and 8 more"):
        recognise_phases(series, overrides={"x": "late"})


# Names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("arterial", Phase.LATE_ARTERIAL),
        ("Portal", Phase.PORTAL_VENOUS),
        ("late", Phase.DELAYED),
        ("hepatocyte", Phase.HEPATOBILIARY),
        ("non-contrast", Phase.NON_CONTRAST),
        ("ADC", Phase.ADC),
        *[(phase.value, phase) for phase in Phase],
    ],
)
def test_names_that_users_write(text, phase):
    assert parse_phase(text) is phase


def test_an_unknown_phase_lists_the_names():
    with pytest.raises(InputError, match="hepatobiliary"):
        parse_phase("nephrographic")


def test_the_reference_order_holds_every_phase_once():
    order = reference_phase_order()
    assert order[0] is Phase.PORTAL_VENOUS
    assert sorted(order) == sorted(Phase)


def test_folding_and_tokens():
    assert fold("ÄQUILIBRIUM") == "aquilibrium"
    assert fold("ﬁne") == "fine"
    assert tokens("T2*_map C-") == ("t2star", "map", "c-")
    assert tokens("eTHRIVE") == tokens("e THRIVE")

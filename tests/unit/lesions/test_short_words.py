"""A lesion in a few words: which ones, in which order, and why none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liverseg.lesions import (
    describe_lesion,
    liver_reference,
    load_limits,
    measure_size,
    short_words,
    why_no_short_words,
)
from liverseg.records import Descriptor, Said
from liverseg.tables import load_table
from liverseg.teach import pattern_scene

#: Longest text that a narrow cell shows in one line, characters.
LONGEST = 18


def describe(entity, modality):
    exam = pattern_scene(
        entity,
        modality=modality,
        diameter_mm=24.0,
        spacing_mm=(1.5, 1.0, 1.0),
        noise_sd=12.0 if modality == "CT" else 4.0,
        breath_mm=3.0,
        seed=3,
    ).exam
    (lesion,) = exam.lesions
    reference = liver_reference(exam.liver, [lesion.mask], exam.structures)
    shape = measure_size(lesion.mask)
    return describe_lesion(exam, lesion, reference, shape=shape, limits=load_limits(copies=50))


def word(slot, term, *, said=Said.YES, phase="", share=0.9):
    assessed = said is not Said.NOT_ASSESSABLE
    return Descriptor(slot, term, said, share if assessed else None, f"why {term}", phase)


def texts(*words):
    return [short.text for short in short_words(words)]


@pytest.mark.parametrize(
    ("entity", "modality", "expected"),
    [
        ("HCC", "CT", ["even enhancement", "washout"]),
        ("colorectal metastasis", "CT", ["ring"]),
        ("haemangioma", "CT", ["nodular rim", "fill-in", "prolonged"]),
        ("haemangioma", "MR", ["nodular rim", "fill-in", "no uptake", "T2 as fluid"]),
    ],
)
def test_a_scene_is_told_as_a_radiologist_would(entity, modality, expected):
    found = describe(entity, modality)
    short = short_words(found)
    assert [one.text for one in short] == expected
    assert all(one.word in found for one in short)
    assert all(one.word.said is Said.YES for one in short)


def test_every_row_names_a_word_that_the_library_says_and_fits_a_cell():
    known = {
        (one.slot, one.term, one.phase)
        for modality in ("CT", "MR")
        for one in describe("haemangioma", modality)
    }
    pairs = {(slot, term) for slot, term, _ in known}
    rows = {row.name: row for row in load_table("short_words") if row.name != "most"}
    for row in rows.values():
        key = (row.more["slot"], row.more["term"])
        assert (*key, row.more["phase"]) in known if "phase" in row.more else key in pairs
        assert len(row.value) <= LONGEST
        assert set(row.more.get("instead_of", ())) <= rows.keys()
    assert len({row.value for row in rows.values()}) == len(rows)


def test_only_words_that_are_said_in_the_order_of_the_table():
    found = [
        word("T2", "high", phase="t2"),
        word("course", "washout"),
        word("course", "prolonged", said=Said.INDETERMINATE, share=0.6),
        word("arterial pattern", "ring", phase="late_arterial"),
        word("arterial pattern", "whole", phase="late_arterial"),
        word("enhancement", "enhances"),
        word("hepatocyte phase", "no uptake", said=Said.NO, share=0.1),
    ]
    assert texts(*found) == ["ring", "washout", "T2 high"]
    assert texts(*found[::-1]) == ["ring", "washout", "T2 high"]


def test_a_word_that_says_more_stands_for_the_others():
    high, fluid = word("T2", "high", phase="t2"), word("intensity", "fluid-like", phase="t2")
    assert texts(high) == ["T2 high"]
    assert texts(high, fluid) == ["T2 as fluid"]
    assert texts(word("intensity", "fluid-like", phase="portal_venous")) == []


def test_no_more_words_than_a_glance_takes_in():
    found = [
        word("arterial pattern", "ring"),
        word("course", "washout"),
        word("course", "delayed central"),
        word("hepatocyte phase", "no uptake"),
        word("T2", "high"),
        word("shape", "irregular"),
    ]
    most = int(load_table("short_words").number("most"))
    assert texts(*found) == ["ring", "washout", "delayed centre", "no uptake"]
    assert len(texts(*found)) == most


def test_brightness_alone_where_there_is_nothing_else():
    dark = word("intensity", "hypo", phase="portal_venous")
    assert texts(dark) == ["dark portal"]
    assert texts(dark, word("intensity", "hypo", phase="non_contrast")) == ["dark portal"]
    assert texts(dark, word("course", "washout")) == ["washout"]


def test_why_nothing_is_said():
    nothing = [
        word("arterial pattern", "ring", said=Said.NO, share=0.0),
        word("course", "washout", said=Said.INDETERMINATE, share=0.5),
        word("T2", "high", said=Said.NOT_ASSESSABLE),
        replace(word("T1", "low", said=Said.NOT_ASSESSABLE), reason="why high"),
    ]
    assert short_words(nothing) == ()
    assert why_no_short_words(nothing) == (
        "no word is said; in between: washout 0.50; not assessable: why high"
    )
    assert why_no_short_words(nothing[:1]) == "no word is said"

"""Words on scenes whose levels are planted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from liverseg.errors import InputError
from liverseg.lesions import (
    Evidence,
    all_words,
    describe_lesion,
    describe_liver,
    liver_reference,
    load_limits,
    measure_size,
)
from liverseg.lesions.judging import all_of, any_of, at_least, at_most, margin, not_
from liverseg.records import Phase, Said
from liverseg.teach import pattern_scene
from liverseg.testing import planted_words

COPIES = 100


@cache
def scene_of(entity, modality="CT", diameter_mm=24.0):
    return pattern_scene(
        entity,
        modality=modality,
        diameter_mm=diameter_mm,
        spacing_mm=(1.5, 1.0, 1.0),
        noise_sd=12.0 if modality == "CT" else 4.0,
        breath_mm=3.0,
        seed=3,
    )


def describe(scene, exam=None, **options):
    exam = exam or scene.exam
    lesion = exam.lesions[0]
    reference = liver_reference(exam.liver, [lesion.mask], exam.structures)
    options.setdefault("limits", load_limits(copies=COPIES))
    found = describe_lesion(exam, lesion, reference, shape=measure_size(lesion.mask), **options)
    return {(word.slot, word.term, word.phase): word for word in found}


def said(words, verdict=Said.YES):
    return {
        term for (slot, term, _), w in words.items() if w.said is verdict and slot != "intensity"
    }


EXPECTED = [
    ("HCC", "CT", {"whole", "washout"}, {"ring", "prolonged", "centripetal fill-in"}),
    ("colorectal metastasis", "CT", {"ring"}, {"prolonged", "washout", "whole"}),
    (
        "leiomyosarcoma metastasis (ring, reconciled)",
        "CT",
        {"ring", "ring, core also enhances", "prolonged"},
        {"washout", "peripheral nodular"},
    ),
    (
        "haemangioma",
        "CT",
        {"peripheral nodular", "centripetal fill-in"},
        {"ring", "washout", "whole"},
    ),
    ("cyst", "CT", {"none"}, {"enhances", "ring", "whole", "prolonged"}),
    ("intrahepatic cholangiocarcinoma", "CT", {"ring", "delayed central"}, {"washout"}),
    ("haemangioma", "MR", {"no uptake", "peripheral nodular"}, {"ring", "hyper"}),
    ("FNH", "MR", {"hyper"}, {"no uptake", "partial uptake"}),
    ("HCA inflammatory", "MR", {"partial uptake"}, {"no uptake"}),
    ("NET metastasis", "MR", {"low", "high", "no uptake"}, {"ring"}),
]


@pytest.mark.parametrize(("entity", "modality", "yes", "no"), EXPECTED)
def test_words_of_a_pattern(entity, modality, yes, no):
    words = describe(scene_of(entity, modality))
    assert yes <= said(words)
    assert no <= said(words, Said.NO)


def test_a_word_shows_the_numbers_that_decided_with_limit_and_source():
    words = describe(scene_of("colorectal metastasis"))
    ring = words["arterial pattern", "ring", "late_arterial"]
    numbers = {one.name: one for one in ring.numbers}
    assert set(numbers) == {"rim enhancement", "rim minus core", "coverage"}
    apart = numbers["rim minus core"]
    assert apart.value == pytest.approx(32.0, abs=5.0)
    assert apart.limit == 20.0
    assert apart.lower < apart.value < apart.upper
    assert apart.source
    assert "rim minus core" in ring.reason
    assert (ring.lesion, ring.modality, ring.date) == ("L1", "CT", "2020-01-01")


def test_intensity_words_exclude_each_other():
    words = describe(scene_of("NET metastasis"))
    for phase in ("non_contrast", "late_arterial", "portal_venous", "delayed"):
        own = [w for (slot, _, p), w in words.items() if slot == "intensity" and p == phase]
        assert len(own) == 5
        assert sum(w.probability for w in own) == pytest.approx(1.0)
    assert words["intensity", "markedly hyper", "late_arterial"].said is Said.YES


def test_gadoxetate_has_no_delayed_phase():
    word = describe(scene_of("HCC", "MR"))["course", "prolonged", ""]
    assert word.said is Said.NOT_ASSESSABLE
    assert word.probability is None
    assert "no delayed phase" in word.reason


def test_other_echo_times_refuse_enhancement_and_the_words_made_from_it():
    scene = scene_of("colorectal metastasis", "MR")
    series = tuple(
        replace(s, record=replace(s.record, facts=replace(s.record.facts, echo_time_ms=4.2)))
        if s.call.phase is Phase.LATE_ARTERIAL
        else s
        for s in scene.exam.series
    )
    words = describe(scene, replace(scene.exam, series=series))
    ring = words["arterial pattern", "ring", "late_arterial"]
    assert ring.said is Said.NOT_ASSESSABLE
    assert "echo time" in ring.reason
    # Against liver in the same image it is still allowed.
    assert words["T1", "low", "non_contrast"].said is Said.YES


def test_a_small_lesion_has_no_rim_and_says_so():
    words = describe(scene_of("colorectal metastasis", "CT", 9.0))
    ring = words["arterial pattern", "ring", "late_arterial"]
    assert ring.said is Said.NOT_ASSESSABLE
    assert "less than 10 mm" in ring.reason
    assert words["shape", "irregular", ""].said is Said.NOT_ASSESSABLE


def test_limits_can_be_replaced_by_a_file(tmp_path):
    scene = scene_of("colorectal metastasis")
    file = tmp_path / "own.toml"
    file.write_text(
        '[rows.ring_difference_ct]\nvalue = 45.0\nunit = "HU"\nsource = "our clinic"\n'
        'checked = "designed"\n'
    )
    words = describe(scene, limits=load_limits(file, copies=COPIES))
    ring = words["arterial pattern", "ring", "late_arterial"]
    assert ring.said is Said.NO
    assert {one.source for one in ring.numbers} >= {"our clinic"}
    file.write_text('[rows.ring]\nvalue = 1\nsource = "x"\nchecked = "known"\n')
    with pytest.raises(InputError, match="no rule has a row ring"):
        load_limits(file)


def test_the_same_lesion_gets_the_same_probabilities():
    scene = scene_of("intrahepatic cholangiocarcinoma")
    assert describe(scene) == describe(scene)


def evidence_with_core(core):
    """A rim of +60 HU round a core that enhances by `core`, resampled by 2 HU."""
    noise = np.concatenate([[0.0], np.random.default_rng(5).normal(0.0, 2.0, 400)])
    levels = {"rim": 60.0, "core": core, "lesion": 50.0, "liver": 20.0}
    means = {(name, Phase.NON_CONTRAST): np.zeros(401) + 50.0 for name in levels}
    means |= {(name, Phase.LATE_ARTERIAL): 50.0 + rise + noise for name, rise in levels.items()}
    rim_noise = np.random.default_rng(6).normal(0.0, 2.0, (401, 1))
    means["rim", Phase.LATE_ARTERIAL] = 110.0 + rim_noise[:, 0]
    return Evidence("CT", means, rise=np.full((401, 36), 60.0))


@pytest.mark.parametrize(
    ("core", "low", "high"), [(20.0, 0.99, 1.0), (40.0, 0.3, 0.7), (55.0, 0.0, 0.01)]
)
def test_probability_falls_as_the_planted_difference_nears_its_limit(core, low, high):
    words = all_words(evidence_with_core(core), load_limits(copies=400))
    ring = next(w for w in words if w.term == "ring")
    assert low <= ring.test.probability <= high


def test_joined_tests_and_their_margin():
    limit = np.full(101, 10.0)
    noise = np.concatenate([[0.0], np.random.default_rng(0).normal(size=100)])
    a = at_least("a", 12.0 + noise, limit, "HU")
    b = at_most("b", 7.0 + noise, limit, "HU")
    c = at_least("c", 4.0 + noise, limit, "HU")
    one = np.ones(1)
    a0, b0, c0 = (
        at_least("a", 12.0 * one, limit[:1], "HU"),
        at_most("b", 7.0 * one, limit[:1], "HU"),
        at_least("c", 4.0 * one, limit[:1], "HU"),
    )
    assert margin(all_of(a0, b0), all_of(a, b)) == pytest.approx(2.0, abs=0.5)
    assert margin(any_of(a0, c0), any_of(a, c)) == pytest.approx(2.0, abs=0.5)
    assert margin(not_(c0), not_(c)) == pytest.approx(6.0, abs=1.0)
    assert bool(all_of(a, b).holds[0])
    assert not bool(all_of(a, c).holds[0])


def test_liver_with_uptake_and_without():
    scene = scene_of("cyst", "MR")
    exam = scene.exam
    reference = liver_reference(exam.liver, [scene.truth], exam.structures)
    limits = load_limits(copies=COPIES)
    (word,) = describe_liver(exam, reference, limits=limits)
    assert (word.term, word.said, word.lesion) == ("inadequate hepatocyte uptake", Said.NO, "liver")
    late, native = exam.by_key("t1_hepatocyte"), exam.by_key("t1_pre")
    pale = replace(late, volume=native.volume)
    blocked = replace(exam, series=tuple(pale if s is late else s for s in exam.series))
    (word,) = describe_liver(blocked, reference, limits=limits)
    assert word.said is Said.YES
    assert describe_liver(scene_of("HCC").exam, reference, limits=limits) == ()


#: What the reference expects of each entity on CT: pattern and course.
COURSES = {
    "HCC": {"washout"},
    "intrahepatic cholangiocarcinoma": {"ring", "prolonged", "delayed central"},
    "colorectal metastasis": {"ring"},
    "NET metastasis": {"washout"},
    "leiomyosarcoma metastasis (ring, reconciled)": {"ring", "prolonged"},
    "leiomyosarcoma metastasis (whole, text)": {"prolonged"},
    "haemangioma": {"peripheral nodular", "centripetal fill-in", "prolonged"},
    "FNH": set(),
    "HCA unspecified": set(),
    "HCA HNF1A": set(),
    "HCA inflammatory": set(),
    "abscess": {"ring", "prolonged"},
    "cyst": set(),
    "regenerative nodule": set(),
    "dysplastic nodule": set(),
    "focal fat": set(),
    "lymphoma": set(),
    "angiomyolipoma": {"washout"},
}
ASKED = {
    "ring",
    "prolonged",
    "washout",
    "delayed central",
    "peripheral nodular",
    "centripetal fill-in",
}


@pytest.mark.parametrize("entity", COURSES)
def test_planted_words_are_those_of_the_reference(entity):
    scene = pattern_scene(entity, diameter_mm=20.0, spacing_mm=(3.0, 2.0, 2.0), noise_sd=0.0)
    words = planted_words(scene, load_limits())
    found = {w.term for w in words if w.term in ASKED and w.test is not None and w.test.holds[0]}
    assert found == COURSES[entity]

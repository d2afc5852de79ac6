"""Segmenters of other packages: found, listed with their faults, held to the contract."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import numpy as np
import pytest

from liverseg.errors import ExtensionError, InputError
from liverseg.extensions import SEGMENTERS, find_segmenters, segmenter_named
from liverseg.geometry import LabelMap
from liverseg.lesions import StarRays, delineate
from liverseg.testing import check_segmenter

MODULE = """
from liverseg.lesions import StarRays

class Good(StarRays):
    name = "good"

class Bare:
    name = "bare"

class Crashes:
    def __init__(self):
        raise ValueError("no weights here")

class Leaves:
    def __init__(self):
        raise SystemExit("bye")
"""


@pytest.fixture
def entries(tmp_path, monkeypatch):
    (tmp_path / "liverseg_foreign.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield [
        EntryPoint(name, f"liverseg_foreign:{what}", SEGMENTERS)
        for name, what in (
            ("good", "Good"),
            ("bare", "Bare"),
            ("crashes", "Crashes"),
            ("leaves", "Leaves"),
            ("gone", "Nothing"),
        )
    ] + [EntryPoint("absent", "no_such_package:X", SEGMENTERS)]
    sys.modules.pop("liverseg_foreign", None)


def test_a_broken_one_is_listed_with_its_reason(entries):
    found = {item.name: item for item in find_segmenters(entries)}
    assert found["good"].segmenter is not None
    assert found["good"].reason == ""
    assert "version" in found["bare"].reason
    assert "no weights here" in found["crashes"].reason
    assert "SystemExit" in found["leaves"].reason
    assert "Nothing" in found["gone"].reason
    assert "no_such_package" in found["absent"].reason
    assert all(found[name].segmenter is None for name in found if name != "good")


def test_by_name(entries):
    found = find_segmenters(entries)
    assert segmenter_named("good", found).name == "good"
    with pytest.raises(ExtensionError, match="no weights here"):
        segmenter_named("crashes", found)
    with pytest.raises(ExtensionError, match="installed are: good"):
        segmenter_named("other", found)


def test_installed_ones_can_be_asked_for():
    assert isinstance(find_segmenters(), tuple)


def test_ours_keeps_the_contract():
    check_segmenter(StarRays())


class Wrong(StarRays):
    name = "wrong"

    def __init__(self, fault):
        self.fault = fault
        self.calls = 0

    def delineate(self, images, strokes, *, liver=None):
        self.calls += 1
        if self.fault == "crash" and not strokes:
            raise KeyError("oops")
        if self.fault == "lenient":
            try:
                mask = delineate(images, strokes, liver=liver)
            except InputError:
                grid = images[0].volume.grid
                return LabelMap(np.ones(grid.shape, np.uint8), grid)
            return mask
        if self.fault == "deaf":
            return delineate(images, strokes[:1], liver=liver)
        mask = delineate(images, strokes, liver=liver)
        if self.fault == "label":
            return LabelMap(mask.array * 2, mask.grid)
        if self.fault == "grid":
            return LabelMap(mask.array, mask.grid.shifted((1.0, 0.0, 0.0)))
        if self.fault == "small":
            array = mask.array.copy()
            array[mask.grid.shape[0] // 2 :] = 0
            return LabelMap(array, mask.grid)
        if self.fault == "fickle" and self.calls % 2:
            array = mask.array.copy()
            array[tuple(np.argwhere(array)[0])] = 0
            return LabelMap(array, mask.grid)
        return mask


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("label", "label 1 and nothing else"),
        ("grid", "first image's grid"),
        ("small", "plain lesion"),
        ("fickle", "same mask"),
        ("deaf", "obeys a stroke"),
        ("lenient", "refuses"),
        ("crash", "refuses to start from nothing"),
    ],
)
def test_a_broken_promise_is_named(fault, says):
    with pytest.raises(ExtensionError, match=says):
        check_segmenter(Wrong(fault))


def test_what_is_no_segmenter():
    with pytest.raises(ExtensionError, match="name, version and delineate"):
        check_segmenter(object())

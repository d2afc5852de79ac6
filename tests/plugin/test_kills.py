"""A few of the kills of `make kill-test`, without a window."""

from __future__ import annotations

import os
import shutil

import pytest
from coarse_case import plan_coarse_case
from kills import BAR_S, check_numbers, kill_again_and_again

from liverseg.workflow import Variant, demo, run_demo


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the annotators are forked")
def test_kills_at_random_moments_damage_nothing_and_lose_no_stroke(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "plan_case", plan_coarse_case)
    run_demo(tmp_path / "demo", variant=Variant.TEXT, seed=7)
    case = tmp_path / "case.liverseg"
    shutil.copy(tmp_path / "demo" / "case.liverseg", case)
    tally = kill_again_and_again(case, tmp_path, kills=8, seed=11, latest_s=0.8)
    check_numbers(case, tally)
    assert (tally.kills, tally.damaged, tally.wrong_numbers) == (8, [], [])
    assert tally.lost_s <= BAR_S
    assert tally.changes > 8

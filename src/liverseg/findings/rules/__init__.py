"""One function a rule: a claim, what it expects and an exam's rows in, an outcome out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liverseg.findings.evidence import ExamRows
from liverseg.findings.outcome import Outcome
from liverseg.findings.rules.enhancement import judge_prolonged, judge_ring, judge_whole
from liverseg.findings.rules.intensity import judge_intensity, judge_no_uptake
from liverseg.findings.rules.joint import judge_all_of
from liverseg.findings.rules.site import judge_count, judge_site, judge_site_set
from liverseg.findings.rules.size import judge_extents, judge_long_axis, judge_shape
from liverseg.findings.rules.vessel import judge_vessel
from liverseg.records import Claim

Rule = Callable[[Claim, Any, ExamRows], Outcome]

#: Rules that look at one exam. `vessel` looks at all that the claim's date covers.
EXAM_RULES: dict[str, Rule] = {
    "count": judge_count,
    "site_set": judge_site_set,
    "site": judge_site,
    "whole_enhancement": judge_whole,
    "prolonged": judge_prolonged,
    "ring": judge_ring,
    "long_axis": judge_long_axis,
    "extents": judge_extents,
    "shape": judge_shape,
    "intensity": judge_intensity,
    "no_uptake": judge_no_uptake,
}

__all__ = ["EXAM_RULES", "judge_all_of", "judge_vessel"]

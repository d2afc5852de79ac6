"""Where the findings of the published case are."""

from __future__ import annotations

from pathlib import Path

from liverseg.errors import InputError

#: In an installed package and in a source tree (sample_data/cases).
_PLACES = (
    Path(__file__).with_name("cases"),
    Path(__file__).parents[3] / "sample_data" / "cases",
)


def case_findings(case: str = "kitasaki2021") -> Path:
    """The findings file of a published case that comes with liverseg.

    Raises `InputError` when this installation has no such case.
    """
    for place in _PLACES:
        path = place / case / "findings.yaml"
        if path.is_file():
            return path
    raise InputError(
        f"the findings of case {case} are not part of this installation",
        remedy="install liverseg again, or pass your own file with --findings",
    )

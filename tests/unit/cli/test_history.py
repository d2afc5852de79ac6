"""`liverseg undo`, `redo` and `history`."""

from __future__ import annotations

import json

import numpy as np

from liverseg.case import CaseFile
from liverseg.workflow import load_exam, update_lesion

CT = "2015-06-01_CT"


def edit(path) -> None:
    with CaseFile.open(path, who="dr_x") as case:
        exam = load_exam(case, CT)
        mask = exam.lesions[0].mask.mask().copy()
        mask[np.flatnonzero(mask.any(axis=(1, 2)))[-1]] = False
        update_lesion(case, exam, "T4", mask)


def listed(liverseg, path) -> dict[str, list[str]]:
    found = json.loads(liverseg("history", path, "--json").out)
    return {word: [row["step"] for row in rows] for word, rows in found.items()}


def test_a_step_is_listed_undone_and_done_again(liverseg, coarse_case_file):
    edit(coarse_case_file)
    assert listed(liverseg, coarse_case_file) == {"undo": ["edit lesion T4"], "redo": []}
    shown = liverseg("history", coarse_case_file)
    assert shown.code == 0
    assert "dr_x" in shown.out
    assert "1 steps to undo, 0 to redo" in shown.out
    done = liverseg("undo", coarse_case_file)
    assert (done.code, done.out.strip()) == (0, f"undone: edit lesion T4 in {CT}")
    assert listed(liverseg, coarse_case_file) == {"undo": [], "redo": ["edit lesion T4"]}
    again = liverseg("redo", coarse_case_file)
    assert (again.code, again.out.strip()) == (0, f"done again: edit lesion T4 in {CT}")


def test_nothing_left_is_one_line(liverseg, coarse_case_file, tmp_path):
    for word in ("undo", "redo"):
        failed = liverseg(word, coarse_case_file)
        assert failed.code == 2
        assert failed.err.startswith(f"liverseg: there is nothing to {word} | where: ")
        assert failed.err.count("\n") == 1
    assert liverseg("history", tmp_path / "none.liverseg").code == 2

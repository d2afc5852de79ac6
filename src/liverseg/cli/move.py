"""`liverseg move`: say that a lesion lies elsewhere in one phase than the registration puts it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from liverseg.case import CaseFile
from liverseg.cli.delineate import read_points
from liverseg.cli.measure import row_json
from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.errors import InputError
from liverseg.geometry import Point
from liverseg.records import Exam
from liverseg.workflow import find_lesion, find_series, load_exam, move_lesion, suggest_move


def move(
    case: Annotated[Path, typer.Argument(help="A case file (*.liverseg).")],
    lesion: Annotated[str, typer.Argument(help="The lesion's name.")],
    phase: Annotated[
        str, typer.Option(help="The phase, or the series by its key, number or description.")
    ],
    by: Annotated[
        str | None,
        typer.Option(help="X,Y,Z in LPS mm off the registration: left, back, head count up."),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Back to where the registration puts it.")
    ] = False,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Find it by the images and say so; write nothing.")
    ] = False,
    exam: Annotated[str, typer.Option(help="Which exam of the case.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the move and the rows of that phase as JSON.")
    ] = False,
) -> None:
    """Correct where one lesion lies in one phase; its numbers there follow.

    One translation aligns a whole phase, and breathing bends a liver. The offset replaces
    an earlier one of this lesion in this phase. `liverseg undo` takes it back.
    """
    if suggest:
        if by is not None or reset:
            raise InputError("--suggest writes nothing", remedy="leave --by and --reset out")
        _suggest(case, lesion, phase, exam, as_json=as_json)
        return
    offset = _offset(by, reset=reset)
    with CaseFile.open(case) as held, progress_bar() as progress:
        exam_id, key = find_series(held, lesion, phase, exam_id=exam)
        now = load_exam(held, exam_id, progress=progress)
        now = move_lesion(held, now, lesion, key, offset)
        step = held.steps().undo[0].name
        if as_json:
            print_json(_plain(held, now, lesion, key, step))
            return
        console().print(f"{step}, in {exam_id}", soft_wrap=True)


def _suggest(path: Path, lesion: str, phase: str, exam: str, *, as_json: bool) -> None:
    with CaseFile.open(path, read_only=True) as held, progress_bar() as progress:
        exam_id, key = find_series(held, lesion, phase, exam_id=exam)
        found = suggest_move(load_exam(held, exam_id, progress=progress), lesion, key)
    if as_json:
        print_json({"exam": exam_id, "lesion": lesion, "series": key, **asdict(found)})
        return
    offset = ",".join(f"{part:g}" for part in found.offset_mm)
    out = console()
    out.print(
        f"by the images {lesion} lies {offset} mm (LPS) off the registration, which may be off by "
        f"{found.residual_mm:.1f} mm",
        soft_wrap=True,
    )
    for doubt in found.doubts:
        out.print(f"doubt: {doubt.reason}", soft_wrap=True)
    out.print(f"nothing was written; look at it, then: --by {offset}", soft_wrap=True)


def _offset(by: str | None, *, reset: bool) -> Point | None:
    if (by is None) != reset:
        raise InputError(
            "a move needs either --by or --reset", remedy="pass --by X,Y,Z in LPS mm, or --reset"
        )
    points = () if by is None else read_points(by, "--by")
    if len(points) > 1:
        raise InputError(f"--by {by} is more than one offset", remedy="three numbers: X,Y,Z")
    return points[0] if points else None


def _plain(case: CaseFile, exam: Exam, lesion: str, key: str, step: str) -> dict[str, object]:
    series, moves = exam.by_key(key), find_lesion(exam, lesion).moves
    rows = case.measurements(exam_id=exam.exam_id, lesion=lesion)
    uid, phase = series.record.series_uid, str(series.call.phase)
    return {
        "exam": exam.exam_id,
        "lesion": lesion,
        "series": key,
        "phase": phase,
        "step": step,
        "offset_lps_mm": list(moves[key].offset_mm) if key in moves else None,
        "rows": [row_json(r) for r in rows if (r.series_uid, r.phase) == (uid, phase)],
    }

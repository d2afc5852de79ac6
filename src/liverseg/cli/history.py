"""`liverseg undo`, `liverseg redo`, `liverseg history`: the steps of a case file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from liverseg.case import CaseFile, Step
from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.workflow import redo as redo_step
from liverseg.workflow import undo as undo_step

CasePath = Annotated[Path, typer.Argument(help="A case file (*.liverseg).")]


def undo(case: CasePath) -> None:
    """Take the last step of a case back; measurements and verdicts follow."""
    with CaseFile.open(case) as held, progress_bar() as progress:
        step = undo_step(held, progress=progress).step
    console().print(f"undone: {_words(step)}", soft_wrap=True)


def redo(case: CasePath) -> None:
    """Do the step again that was undone last."""
    with CaseFile.open(case) as held, progress_bar() as progress:
        step = redo_step(held, progress=progress).step
    console().print(f"done again: {_words(step)}", soft_wrap=True)


def history(
    case: CasePath,
    as_json: Annotated[bool, typer.Option("--json", help="Print both lists as JSON.")] = False,
) -> None:
    """List what can be undone and redone, the next step first. Nothing is written."""
    with CaseFile.open(case, read_only=True) as held:
        steps = held.steps()
    if as_json:
        print_json({"undo": _plain(steps.undo), "redo": _plain(steps.redo)})
        return
    table = Table()
    for head in ("", "step", "exam", "who", "when (UTC)"):
        table.add_column(head)
    for word, some in (("redo", tuple(reversed(steps.redo))), ("undo", steps.undo)):
        for step in some:
            when = step.when[:19].replace("T", " ")
            table.add_row(word, step.name, ", ".join(step.exam_ids), step.who, when)
    out = console()
    if steps.undo or steps.redo:
        out.print(table)
    out.print(f"{len(steps.undo)} steps to undo, {len(steps.redo)} to redo")


def _words(step: Step) -> str:
    return " in ".join(part for part in (step.name, ", ".join(step.exam_ids)) if part)


def _plain(steps: Sequence[Step]) -> list[dict[str, object]]:
    return [
        {
            "event": step.event,
            "step": step.name,
            "exams": list(step.exam_ids),
            "lesions": [name for _, name in step.lesions],
            "who": step.who,
            "when": step.when,
        }
        for step in steps
    ]

"""A study before it is a case: its volumes, the guessed phases, what is set up. No Qt.

Calls the library as `case_store` does for a case; decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.case import looks_like_case
from liverseg.errors import InputError
from liverseg.records import Phase, Progress
from liverseg.workflow import (
    ExamPlan,
    FoundStudy,
    find_study,
    make_study_case,
    plan_exam,
    suggest_case_path,
)
from napari_liverseg.state import words

#: What a person can call a series; the last one leaves it out of the set.
PHASES = tuple(str(phase) for phase in Phase)
#: Headings of the table; the phase is the one that can be changed.
HEADINGS = ("Date", "Mod.", "No.", "Description", "Phase", "Set up", "Slices", "Spacing mm")
PHASE_COLUMN, USE_COLUMN = 4, 5


@dataclass(frozen=True)
class VolumeRow:
    """One line of the browser. `reason` is why this phase, `why_not` why it is left out."""

    key: str
    exam_id: str
    cells: tuple[str, ...]
    phase: str
    reason: str
    why_not: str = ""


class StudyChoice:
    """The volumes of a study, and which of them become the dynamic set of a new case."""

    def __init__(self, found: FoundStudy) -> None:
        self._found = found
        self._guessed = {key: str(call.phase) for key, call in found.calls.items()}
        self.path = suggest_case_path(found)

    @property
    def exam_ids(self) -> tuple[str, ...]:
        """Exams by date and modality."""
        return tuple(files.exam_id for files in self._found.exams())

    @property
    def title(self) -> str:
        """Whose study it is, without a name: the patient's hidden id and the place."""
        patient = next((row.patient for row in self._found.rows if row.patient), "unknown")
        where = ", ".join(str(path) for path in self._found.paths)
        return f"Patient {patient[:10]}, {len(self._found.rows)} volumes in {where}"

    def rows(self) -> tuple[VolumeRow, ...]:
        """A line for each volume, by exam."""
        plans = [plan_exam(self._found, exam_id) for exam_id in self.exam_ids]
        by_key = {row.key: row for row in self._found.rows}
        lines = []
        for plan in plans:
            for record in plan.files.series:
                row = by_key[record.key]
                call = self._found.calls[record.key]
                use, why_not = self._use(plan, record.key)
                number = "" if row.number is None else str(row.number)
                phase = words(str(call.phase))
                cells = (row.date, row.modality, number, row.description, phase, use)
                lines.append(
                    VolumeRow(
                        key=record.key,
                        exam_id=plan.files.exam_id,
                        cells=(*cells, str(row.slices), row.spacing_text),
                        phase=str(call.phase),
                        reason=call.reason,
                        why_not=why_not,
                    )
                )
        return tuple(lines)

    def summary(self, exams: Sequence[str] = ()) -> str:
        """What will be set up: "2015-06-01_CT: 4 phases; ..."."""
        wanted = exams or self.exam_ids
        counts = [(one, len(plan_exam(self._found, one).keys)) for one in wanted]
        return "; ".join(f"{one}: {n} series" for one, n in counts)

    def set_phase(self, key: str, phase: str) -> None:
        """Call a series something else; its guess again takes that back."""
        guessed = self._guessed[key]
        self._found = self._found.with_phase(key, "" if phase == guessed else phase)

    def make(self, exams: Sequence[str] = (), *, overwrite: bool = False) -> Path:
        """Write the new case file. Raises `CaseError` when it cannot be written."""
        return make_study_case(self._found, self.path, exams=exams, overwrite=overwrite)

    def _use(self, plan: ExamPlan, key: str) -> tuple[str, str]:
        if key == plan.reference:
            return "reference", ""
        if key in plan.keys:
            return "yes", ""
        title = next(record.title for record in plan.files.series if record.key == key)
        reasons = [doubt.reason for doubt in plan.left_out if doubt.where == title]
        return "no", "; ".join(reasons)


def look_at(path: Path, *, progress: Progress | None = None) -> StudyChoice:
    """Read the headers below a path. Raises `InputError` in one sentence."""
    return StudyChoice(find_study(path, progress=progress))


def kind_of(path: Path) -> str:
    """What a path is for us: "case" or "study". Raises `InputError` where nothing is there."""
    if looks_like_case(path):
        return "case"
    if not path.exists():
        raise InputError(f"there is no file or folder {path}", remedy="check the path")
    return "study"

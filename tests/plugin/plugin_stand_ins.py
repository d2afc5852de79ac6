"""A tiny exam and stand-ins for case file and worker: the bench without DICOM and disk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from liverseg.couinaud import correct_segments
from liverseg.errors import CaseError, EmptyLabelError, GeometryError, InputError
from liverseg.geometry import Grid, Label, LabelMap, Translation, Volume
from liverseg.lesions import Portrait, move_in_series
from liverseg.records import (
    Claim,
    Comparison,
    Deciding,
    Descriptor,
    Exam,
    Judgement,
    Lesion,
    Measurement,
    Phase,
    PhaseCall,
    PhaseShift,
    ReportedFindings,
    Said,
    SeriesRecord,
    SeriesVolume,
    SourceKind,
    Verdict,
)
from napari_liverseg.errands import StoppedError
from napari_liverseg.scene import build_scene
from napari_liverseg.segment_scene import show_segments
from napari_liverseg.store import Coming, Loaded, NewMask, NextSteps, Numbers, StepRow, Written

FRAME = "1.2.3"
SHAPE = (12, 40, 48)
SPACING_MM = (3.0, 1.0, 1.0)
SHIFT_MM = (0.0, 2.0, 4.5)
CT = "2015-06-01_CT"
MR = "2017-03-02_MR"


def axial_grid() -> Grid:
    return Grid.axial(SHAPE, SPACING_MM, origin_lps_mm=(-20, -30, 100), frame_of_reference=FRAME)


def box_mask(grid: Grid, name: str, *box: slice) -> LabelMap:
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[box] = 1
    return LabelMap(array, grid, (Label(1, name),))


def series(key: str, phase: Phase, grid: Grid, array: np.ndarray, *, unit: str) -> SeriesVolume:
    record = SeriesRecord(
        key=key,
        series_uid=key,
        study_uid="1.2",
        modality="CT" if unit == "HU" else "MR",
        date="2015-06-01",
        number=1,
        description=str(phase),
        study_description="",
        slices=(),
        grid=grid,
        unit=unit,
    )
    return SeriesVolume(record, Volume(array, grid, unit), PhaseCall(phase, "test", "override"))


def tiny_exam(exam_id: str = CT, *, grid: Grid | None = None, overlap: bool = False) -> Exam:
    """Two phases, the second one moved by SHIFT_MM, with two lesions and eight segments."""
    grid = grid or axial_grid()
    s, r, c = (int(n) for n in grid.shape)
    index = np.indices(grid.shape)
    values = (100 + index[0] + 2 * (index[2] > c // 2)).astype(np.int16)
    unit = "HU" if exam_id.endswith("CT") else "au"
    lesions = (
        box_mask(grid, "A", slice(3, 6), slice(10, 18), slice(10, 20)),
        box_mask(grid, "B", slice(5 if overlap else 7, 9), slice(12, 20), slice(12, 30)),
    )
    couinaud = (1 + (index[2] * 8) // c).astype(np.uint8)
    moved = grid.shifted(SHIFT_MM)
    return Exam(
        exam_id=exam_id,
        date=exam_id[:10],
        modality=exam_id[-2:],
        reference=f"{exam_id}.portal",
        series=(
            series(f"{exam_id}.arterial", Phase.LATE_ARTERIAL, moved, values + 30, unit=unit),
            series(f"{exam_id}.portal", Phase.PORTAL_VENOUS, grid, values, unit=unit),
        ),
        shifts=(
            PhaseShift(f"{exam_id}.arterial", Translation(SHIFT_MM), 0.1),
            PhaseShift(f"{exam_id}.portal", Translation()),
        ),
        liver=box_mask(grid, "liver", slice(1, s - 1), slice(2, r - 2), slice(2, c - 2)),
        lesions=tuple(
            Lesion(name, f"2.25.{n}", mask, f"{exam_id}.portal")
            for n, (name, mask) in enumerate(zip("AB", lesions, strict=True))
        ),
        couinaud=LabelMap(couinaud, grid, tuple(Label(n, str(n)) for n in range(1, 9))),
    )


def rows_of(exam: Exam) -> tuple[Measurement, ...]:
    """Rows as the library would give them, with the voxel count for a volume."""
    rows = []
    for lesion in exam.lesions:
        size = float(np.count_nonzero(lesion.mask.array))
        first = int(np.argwhere(lesion.mask.array)[0][0])
        common = {"lesion": lesion.name, "date": exam.date, "modality": exam.modality}
        rows += [
            Measurement("voxel_volume", size / 1000, "ml", "voxels", **common),
            Measurement("long_axis", size / 10, "mm", "test", slice=first, **common),
            Measurement("short_axis", size / 20, "mm", "test", slice=first, **common),
            Measurement("couinaud_share", 0.75, "1", "test", segment="3", **common),
            Measurement("couinaud_share", 0.25, "1", "test", segment="4", **common),
        ]
        rows += [
            Measurement("mean", 90.0 + 10 * n, "HU", "test", phase=phase, **common)
            for n, phase in enumerate(("late_arterial", "portal_venous"))
        ]
    rows += [
        Measurement(metric, value, "HU", "test", lesion="liver", phase=phase)
        for metric, value in (("mean", 110.0), ("aorta_mean", 180.0))
        for phase in ("late_arterial", "portal_venous")
    ]
    return tuple(rows)


CLAIMS = (
    Claim(
        "1",
        "A measures 240 voxels",
        SourceKind.TEXT,
        "p. 1",
        "2015",
        test="long_axis",
        expects={"lesions": "all", "mm": 240.0},
    ),
    Claim(
        "2",
        "B is inflammatory",
        SourceKind.PATHOLOGY,
        "p. 2",
        "2015",
        untestable="images cannot show it",
    ),
)


def comparison_of(exam: Exam, claims: tuple[Claim, ...] = CLAIMS) -> Comparison:
    """A size is the voxel count of A; what has no test cannot be shown by images."""
    size = next(int(np.count_nonzero(item.mask.array)) for item in exam.lesions)
    return Comparison("test", tuple(_judged(claim, size) for claim in claims))


def _judged(claim: Claim, size: int) -> Judgement:
    if not claim.test:
        return Judgement(claim, Verdict.NOT_ASSESSABLE, claim.untestable)
    return Judgement(
        claim,
        Verdict.AGREES if size == claim.expects["mm"] else Verdict.CONFLICTS,
        f"A holds {size} voxels",
        value=str(size),
        lesion="A",
        phase="late_arterial",
        slice=4,
        series_uid=f"{CT}.arterial",
    )


def portrait_of(exam: Exam, lesion: str) -> Portrait:
    """A word of each kind, and a profile of two shells in two phases."""
    mask = next(item.mask.array for item in exam.lesions if item.name == lesion)
    size = float(np.count_nonzero(mask))
    why = (Deciding("rim minus core", size, "HU", 20.0, "from", size - 1, size + 1, "a paper"),)
    words = (
        Descriptor("arterial pattern", "whole", Said.NO, 0.0, "no", "late_arterial"),
        Descriptor("arterial pattern", "ring", Said.YES, 0.95, "yes", "late_arterial", numbers=why),
        Descriptor("course", "washout", Said.INDETERMINATE, 0.5, "in between", numbers=why),
        Descriptor("course", "fades", Said.NOT_ASSESSABLE, None, "no delayed phase"),
    )
    profile = tuple(
        Measurement(f"shell_{low}_{low + 2}_mm_mean", 90.0 - low, "HU", "test", phase=phase)
        for phase in ("portal_venous", "late_arterial")
        for low in (2, 0)
    )
    return Portrait(words, profile)


class FakeStore:
    """Keeps exams in memory; behaves like the case file, also in what it refuses."""

    def __init__(self, *exams: Exam) -> None:
        self.exams = {exam.exam_id: exam for exam in exams or (tiny_exam(CT), tiny_exam(MR))}
        self.writes: list[tuple[str, dict[str, int]]] = []
        self.broken: Exception | None = None
        self.elsewhere: tuple[str, ...] = ()
        self.read_only = ""
        self.old = self.shows_early = False
        self.renewed: list[str] = []
        #: (step, the exam before it, the exam after it)
        self.done: list[tuple[StepRow, Exam, Exam]] = []
        self.undone: list[tuple[StepRow, Exam, Exam]] = []
        self.events = 100
        self.strokes: list = []
        self.calipers: dict[tuple[str, str], tuple] = {}
        self.portrayed: list[str] = []
        self.portraits: dict[str, tuple] = {}
        self.reported = ReportedFindings("test", "a report", CLAIMS)

    def exam_ids(self):
        return tuple(self.exams)

    def numbers(self, exam_id: str) -> Numbers:
        exam = self.exams[exam_id]
        names = tuple(lesion.name for lesion in exam.lesions)
        by_hand = [row for name in names for row in self._by_hand(exam_id, name)]
        tops = [stack[-1][0] if stack else None for stack in (self.done, self.undone)]
        rows, judged = (
            (*rows_of(exam), *by_hand),
            comparison_of(self.exams[CT], self.reported.claims),
        )
        moves = {one.name: one.moves for one in exam.lesions if one.moves}
        return Numbers(
            exam_id,
            names,
            rows,
            judged,
            steps=NextSteps(*tops),
            outdated=self.old,
            moves=moves,
            versions=self.versions(exam_id),
        )

    def load(self, exam_id, *, early=None, progress=None):
        self._fail()
        if progress is not None:
            progress("reading", 0.5)
        exam = self.exams[exam_id]
        if early is not None and self.shows_early:
            reference = exam.by_key(exam.reference)
            early(build_scene(replace(exam, series=(reference,))))
        self.elsewhere = ()
        return Loaded(exam, build_scene(exam), self.numbers(exam_id), self.read_only)

    def write(self, exam_id, masks, *, replace=False, made=None):
        self._fail()
        failures = {}
        if replace:
            self.elsewhere = ()
        for name, mask in masks.items():
            if name in self.elsewhere:
                failures[name] = CaseError(f"another window has changed lesion {name}")
                continue
            if not mask.any():
                failures[name] = EmptyLabelError(
                    f"lesion {name} would have no voxel left", remedy="draw at least one voxel"
                )
                continue
            before = self.exams[exam_id]
            self._put(exam_id, name, mask)
            self.old = True
            step = made[name].step if made and name in made else f"edit lesion {name}"
            self._did(step, exam_id, name, before)
        self.writes.append((exam_id, {name: int(mask.sum()) for name, mask in masks.items()}))
        return Written(self.numbers(exam_id), failures, self.elsewhere)

    def renew(self, exam_id, *, progress=None):
        self._fail()
        if progress is not None:
            progress("measuring", 0.5)
        self.old = False
        self.renewed.append(exam_id)
        return Written(self.numbers(exam_id), {}, self.elsewhere)

    def remove(self, exam_id, name):
        self._fail()
        self.old = True
        exam = self.exams[exam_id]
        rest = tuple(lesion for lesion in exam.lesions if lesion.name != name)
        self.exams[exam_id] = replace(exam, lesions=rest)
        if rest != exam.lesions:
            self._did(f"remove lesion {name}", exam_id, name, exam)
        return Written(self.numbers(exam_id))

    def masks(self, exam_id):
        self._fail()
        return {item.name: item.mask.mask() for item in self.exams[exam_id].lesions}

    def coming(self, word):
        self._fail()
        stack = self.done if word == "undo" else self.undone
        if not stack:
            return None
        step, before, after = stack[-1]
        then = before if word == "undo" else after
        masks = {item.name: item.mask.mask() for item in then.lesions}
        return Coming(step, {name: masks.get(name) for name in step.lesions})

    def turn(self, word, exam_id, step):
        self._fail()
        source, target = self.done, self.undone
        if word == "redo":
            source, target = target, source
        row, before, after = source.pop()
        assert row == step
        self.exams[row.exam_id] = before if word == "undo" else after
        self.old = self.old or row.exam_id == exam_id
        target.append((row, before, after))
        return Written(self.numbers(exam_id))

    def draw(self, exam_id, name, strokes):
        """A cube of three voxels round the middle of the strokes, beside other lesions."""
        self._fail()
        self.strokes.append(tuple(strokes))
        exam = self.exams[exam_id]
        points = np.mean([point for stroke in strokes for point in stroke.points_lps_mm], axis=0)
        mask = np.zeros(exam.liver.grid.shape, dtype=bool)
        middle = np.rint(exam.liver.grid.to_index(points)).astype(int)
        if ((middle < 1) | (middle > np.array(mask.shape) - 2)).any():
            raise InputError("the click lies outside the image", remedy="click inside")
        mask[tuple(slice(n - 1, n + 2) for n in middle)] = True
        for item in exam.lesions:
            if item.name != name:
                mask &= item.mask.array == 0
        return NewMask(mask, f"draw lesion {name} from a {strokes[0].kind}", tuple(strokes))

    def correct(self, exam_id, name, stroke):
        made = self.draw(exam_id, name, (stroke,))
        mask = self.masks(exam_id)[name]
        mask = mask | made.mask if stroke.kind == "add" else mask & ~made.mask
        return NewMask(mask, f"{stroke.kind} {name}", (stroke,))

    def reshape(self, exam_id, name, tool):
        """Only the first slice of the lesion, whatever the tool; "shrink" leaves nothing."""
        self._fail()
        mask = self.masks(exam_id)[name]
        if tool == "shrink":
            raise EmptyLabelError("nothing would be left of the lesion")
        mask[np.flatnonzero(mask.any(axis=(1, 2)))[0] + 1 :] = False
        return NewMask(mask, f"{tool} lesion {name}")

    def set_calipers(self, exam_id, name, calipers):
        self._fail()
        self.calipers[exam_id, name] = tuple(calipers)
        return Written(self.numbers(exam_id))

    def move(self, exam_id, name, key, offset_mm):
        """As the library does, with its refusals."""
        self._fail()
        before = self.exams[exam_id]
        lesion = next(one for one in before.lesions if one.name == name)
        moved = move_in_series(before, lesion, key, offset_mm)
        rest = tuple(moved if one is lesion else one for one in before.lesions)
        self.exams[exam_id] = replace(before, lesions=rest)
        self._did(f"move {name}", exam_id, name, before)
        return Written(self.numbers(exam_id))

    def _by_hand(self, exam_id, name):
        return [
            Measurement(
                f"{one.axis}_by_hand",
                float(np.linalg.norm(np.subtract(*one.ends_lps_mm))),
                "mm",
                "by hand",
                lesion=name,
                slice=one.slice,
                endpoints_lps_mm=one.ends_lps_mm,
            )
            for one in self.calipers.get((exam_id, name), ())
        ]

    def _did(self, step: str, exam_id: str, name: str, before: Exam) -> None:
        self.events += 1
        row = StepRow(self.events, step, exam_id, (name,))
        self.done.append((row, before, self.exams[exam_id]))
        self.undone.clear()

    def segments(self, exam_id):
        self._fail()
        return show_segments(self.exams[exam_id])

    def divide(self, exam_id, landmarks):
        """Stripes from left to right; the first border runs through `mhv`."""
        self._fail()
        exam = self.exams[exam_id]
        if landmarks["mhv"][0] > landmarks["ivc"][0] + 100:
            raise GeometryError("mhv comes too early round the cava", remedy="check these points")
        edge = exam.liver.grid.to_index(np.array(landmarks["mhv"]))[2]
        columns = np.indices(exam.liver.grid.shape)[2]
        stripes = np.where(columns < edge, 5, 1 + columns * 4 // exam.liver.grid.shape[2])
        labels = (stripes * (exam.liver.array != 0)).astype(np.uint8)
        table = tuple(Label(n, str(n)) for n in range(1, 9))
        made = LabelMap(labels, exam.liver.grid, table)
        return show_segments(replace(exam, couinaud=made, landmarks=dict(landmarks)))

    def write_segments(self, exam_id, made):
        self._fail()
        exam = self.exams[exam_id]
        self.exams[exam_id] = replace(exam, couinaud=made.labels, landmarks=made.landmarks)
        return Written(self.numbers(exam_id))

    def write_landmarks(self, exam_id, landmarks):
        self._fail()
        self.exams[exam_id] = replace(self.exams[exam_id], landmarks=dict(landmarks))
        return Written(self.numbers(exam_id))

    def correct_segments(self, exam_id, drawn):
        self._fail()
        exam = self.exams[exam_id]
        labels, refused = correct_segments(exam.couinaud, drawn, exam.liver)
        self.exams[exam_id] = replace(exam, couinaud=labels)
        return Written(self.numbers(exam_id)), self.segments(exam_id), refused

    def portray(self, exam_id, lesion, rows, *, progress=None):
        """Words are made once for each version of a lesion; `portrayed` has the makings."""
        assert {row.lesion for row in rows} == {lesion}
        self._fail()
        version = self.versions(exam_id)[lesion]
        if self.portraits.get(lesion, (0, None))[0] != version:
            if progress is not None:
                progress("finding words", 0.5)
            self.portrayed.append(lesion)
            self.portraits[lesion] = (version, portrait_of(self.exams[exam_id], lesion))
        return self.portraits[lesion][1]

    def versions(self, exam_id):
        """A number for all masks of the exam together: every lesion rests on all of them."""
        lesions = self.exams[exam_id].lesions
        state = hash((exam_id, *((item.name, item.mask.array.tobytes()) for item in lesions)))
        return {item.name: state for item in lesions}

    def findings(self):
        return self.reported

    def edit_findings(self, exam_id, edit):
        self._fail()
        self.reported = edit(self.reported)
        return Written(self.numbers(exam_id))

    def mask(self, name: str, exam_id: str = CT) -> np.ndarray:
        exam = self.exams[exam_id]
        return next(item.mask.array for item in exam.lesions if item.name == name) != 0

    def _put(self, exam_id: str, name: str, mask: np.ndarray) -> None:
        exam = self.exams[exam_id]
        old = next((one for one in exam.lesions if one.name == name), None)
        drawn = LabelMap(mask.copy(), exam.liver.grid)
        moves = {} if old is None else old.moves
        lesion = Lesion(name, "2.25.9", drawn, exam.reference, moves=moves)
        kept = [item for item in exam.lesions if item.name != name]
        at = next((n for n, item in enumerate(exam.lesions) if item.name == name), len(kept))
        kept.insert(at, lesion)
        self.exams[exam_id] = replace(exam, lesions=tuple(kept))

    def _fail(self) -> None:
        if self.broken is not None:
            raise self.broken


class HandRunner:
    """A worker that waits to be told to work: strokes can be drawn meanwhile."""

    def __init__(self, *, eager: bool = False) -> None:
        self.eager = eager
        self.jobs: list = []
        self.closed = self.stopped = self._stop = False

    def submit(self, job, *, done, failed, progress):
        assert not self.closed
        self._stop = False
        self.jobs.append((job, done, failed, progress))
        if self.eager:
            self.work()

    def work(self) -> None:
        job, done, failed, progress = self.jobs.pop(0)

        def report(text: str, share: float) -> None:
            if self._stop:
                raise StoppedError
            progress(text, share)

        try:
            result = job(report)
        except Exception as error:  # noqa: BLE001
            failed(error)
        else:
            done(result)

    def stop(self) -> None:
        self.stopped = self._stop = True

    def wait(self) -> None:
        while self.jobs:
            self.work()

    def close(self) -> None:
        self.wait()
        self.closed = True


LOCKED = CaseError("the case file is locked", where="x.liverseg", remedy="close the other window")

"""A small patient for the case file: two phases of one exam, one lesion, a report."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.geometry import Code, Grid, Label, LabelMap, SliceSource, Translation, Volume
from liverseg.records import (
    Claim,
    Comparison,
    Contradiction,
    Doubt,
    Exam,
    FileState,
    Judgement,
    Ledger,
    LedgerEntry,
    Lesion,
    Measurement,
    Phase,
    PhaseCall,
    PhaseShift,
    ReportedFindings,
    SeriesFacts,
    SeriesRecord,
    SeriesVolume,
    SourceKind,
    Verdict,
    View,
    ViewLine,
)

SHAPE = (6, 20, 24)


def oblique_grid(frame: str | None = "1.2.3.9") -> Grid:
    """A turned, anisotropic grid with numbers that decimal text would cut."""
    turn, _ = np.linalg.qr(np.array([[0.9, 0.1, 0.3], [-0.2, 1.1, 0.4], [0.1, -0.5, 0.8]]))
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([1.5, 0.1 + 0.2, 2 / 3])
    matrix[:3, 3] = (-100 / 3, 1e-17, 12345.678901234567)
    return Grid(SHAPE, matrix, frame)


def record(folder: Path, number: int, grid: Grid) -> SeriesRecord:
    uid = f"1.2.3.{number}"
    paths = [folder / f"S{number}" / f"I{n:03}" for n in range(grid.shape[0])]
    for n, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (100 + n))
    return SeriesRecord(
        key=uid,
        series_uid=uid,
        study_uid="1.2.3",
        modality="CT",
        date="2015-06-01",
        number=number,
        description=f"Leber {number} µ",
        study_description="",
        slices=tuple(SliceSource(str(p), f"{uid}.{n}", None) for n, p in enumerate(paths)),
        grid=grid,
        unit="HU",
        facts=SeriesFacts(image_type=("ORIGINAL", "AXIAL"), delay_s=1 / 3, kvp=120.0),
        patient="ab12",
        is_phantom=True,
        doubts=(Doubt("a gap of 0.1 mm", f"series {number}"),),
    )


def lesion(grid: Grid, name: str = "L1", seed: int = 1) -> Lesion:
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[1:5, 4:12, 6:15] = np.random.default_rng(seed).random((4, 8, 9)) > 0.4
    return Lesion(
        name=name,
        tracking_uid="2.25.77",
        mask=LabelMap(array, grid, (Label(1, name),)),
        drawn_on="1.2.3.1",
        source="L1.nii.gz",
        doubts=(Doubt("placed by its voxels", name),),
    )


def exam(folder: Path, *, lesions: tuple[Lesion, ...] | None = None) -> Exam:
    grid = oblique_grid()
    rng = np.random.default_rng(5)
    liver = np.zeros(SHAPE, np.uint8)
    liver[:, 2:18, 3:20] = 1
    couinaud = (liver * rng.integers(1, 10, SHAPE)).astype(np.uint16)
    records = [record(folder, n, grid) for n in (1, 2)]
    calls = [
        PhaseCall(Phase.PORTAL_VENOUS, "72 s after injection", "time"),
        PhaseCall(Phase.UNDETERMINED, "nothing said", "none"),
    ]
    series = tuple(
        SeriesVolume(item, Volume(np.zeros(SHAPE, np.int16), grid, "HU", item.slices), call)
        for item, call in zip(records, calls, strict=True)
    )
    shifts = (
        PhaseShift("1.2.3.1", Translation()),
        PhaseShift("1.2.3.2", Translation((0.1, -2.7, 1 / 3)), 0.12, "one", (Doubt("far", "2"),)),
    )
    code = Code("10200004", "SCT", "Liver")
    return Exam(
        exam_id="2015-06-01_CT",
        date="2015-06-01",
        modality="CT",
        reference="1.2.3.1",
        series=series,
        shifts=shifts,
        liver=LabelMap(liver, grid, (Label(1, "liver", code),)),
        lesions=(lesion(grid),) if lesions is None else lesions,
        couinaud=LabelMap(couinaud, grid, tuple(Label(n, str(n)) for n in range(1, 10))),
        structures=LabelMap(np.zeros(SHAPE, np.uint8), grid, (Label(1, "aorta"),)),
        doubts=(Doubt("no frame of reference", "liver"),),
    )


def measurement(**more: object) -> Measurement:
    given: dict[str, object] = {
        "metric": "long_axis",
        "value": 0.1 + 0.2,
        "unit": "mm",
        "method": "RECIST 1.1",
        "lesion": "L1",
        "slice": 3,
        "lower": 1 / 3,
        "endpoints_lps_mm": ((0.1, -2.0, 1 / 3), (1e-300, 5.0, -0.0)),
        "doubts": (Doubt("thin", "L1"),),
    }
    return Measurement(**(given | more))


def findings() -> ReportedFindings:
    claim = Claim(
        id="1",
        statement="A lesion of 23 mm in segment 7",
        source=SourceKind.TEXT_AND_FIGURE,
        place="Fig. 1A",
        date="2015",
        sites=("7", "8"),
        test="size",
        expects={"sizes_mm": [23, 1 / 3], "pair": (1, ("a", None)), "more": {"x": True}},
        contradicts=("1", "2"),
    )
    return ReportedFindings("A case", "doi:1", (claim,), (Contradiction("c1", ("1",), "x", "y"),))


def comparison() -> Comparison:
    claim = findings().claims[0]
    judgements = (
        Judgement(claim, Verdict.PARTLY, "close", "23.1", "mm", "2", "t2", "L1", 4, "1.2.3.1"),
        Judgement(claim, Verdict.NOT_ASSESSABLE, "no", doubts=(Doubt("why", "where"),)),
    )
    return Comparison("A case", judgements, findings().contradictions)


def view(lesion: str = "L1", seed: int = 3, dtype: str = "<f4") -> View:
    rng = np.random.default_rng(seed)
    return View(
        kind="lesion" if lesion else "segments",
        exam_id="2015-06-01_CT",
        lesion=lesion,
        phase="portal_venous",
        series_uid="1.2.3.1",
        slice=3,
        pixels=(rng.normal(size=(12, 17)) * 100).astype(dtype),
        labels=rng.integers(0, 2, (12, 17), dtype=np.uint8),
        spacing_mm=(0.1 + 0.2, 2 / 3),
        unit="HU",
        window=(-160.0, 240.0),
        edges=("L", "P"),
        lines=(ViewLine("long_axis", (1.5, 2.25), (8.0, 1 / 3)),),
    )


def ledger(folder: Path) -> Ledger:
    entries = (
        LedgerEntry("S1/I000", FileState.USED, "slice of a volume", "1.2.3.1"),
        LedgerEntry("readme.txt", FileState.SKIPPED, "no DICOM"),
        LedgerEntry("bad.dcm", FileState.REFUSED, "cut off"),
    )
    grid = oblique_grid()
    return Ledger((str(folder),), entries, (record(folder, 1, grid), record(folder, 3, grid)))


@pytest.fixture
def make() -> SimpleNamespace:
    """Builders of the records above."""
    return SimpleNamespace(
        grid=oblique_grid,
        record=record,
        lesion=lesion,
        exam=exam,
        measurement=measurement,
        findings=findings,
        comparison=comparison,
        view=view,
        ledger=ledger,
    )


@pytest.fixture
def case(tmp_path):
    """An empty case file, held open."""
    with CaseFile.create(tmp_path / "case.liverseg", case="patient 1", who="reader") as held:
        yield held


@pytest.fixture
def filled(case, tmp_path):
    """A case file with one exam."""
    case.put_exam(exam(tmp_path / "dicom"))
    return case

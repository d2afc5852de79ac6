"""One diameter, three extents, and shape: what needs the drawn mask only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from liverseg.findings.evidence import ExamRows
from liverseg.findings.expectations import ExtentsTest, LongAxisTest, ShapeTest
from liverseg.findings.lesionwise import Found, Wording, judge_lesions, no_lesions, unknown
from liverseg.findings.outcome import ORDER, SOURCE, Outcome, not_assessable, with_tolerance
from liverseg.findings.words import percent, phase_title, serving_phases, write_number
from liverseg.records import Claim, Doubt, Measurement, Verdict
from liverseg.tables import Row, load_table

MM3_PER_ML = 1000.0
EXTENTS = ("extent_1", "extent_2", "extent_3")


def judge_long_axis(claim: Claim, test: LongAxisTest, exam: ExamRows) -> Outcome:
    """Longest diameter in an acquired slice, against the one reported."""
    near, far = diameter_limits(test)
    table = load_table("claim_tolerances")
    names = ("diameter_agrees_least", "diameter_agrees", "diameter_borderline")
    text = f"within {near:.3g} mm agrees, up to {far:.3g} mm borderline"
    readers, studies = _readers_in(exam)
    own = test.agrees_within_mm is not None
    tolerance = (
        f"{text}{SOURCE}the findings file"
        if own
        else with_tolerance(text + readers, [*(table[name] for name in names), *studies])
    )
    judge = partial(_long_axis, claim, test, (near, far))
    wording = Wording(
        holds=f"the long axis fits {test.mm:g} mm",
        fails=f"the long axis does not fit {test.mm:g} mm",
        tolerance=tolerance,
    )
    return judge_lesions(exam, test.lesions, claim.sites, judge, wording)


def diameter_limits(test: LongAxisTest) -> tuple[float, float]:
    """Differences in mm up to which a diameter agrees, and is borderline."""
    if test.agrees_within_mm is not None and test.borderline_within_mm is not None:
        return test.agrees_within_mm, test.borderline_within_mm
    limits = load_table("claim_tolerances").number
    near = max(limits("diameter_agrees_least"), limits("diameter_agrees") * test.mm)
    far = max(limits("diameter_borderline_least"), limits("diameter_borderline") * test.mm)
    return near, far


def _long_axis(
    claim: Claim, test: LongAxisTest, limits: tuple[float, float], exam: ExamRows, lesion: str
) -> Found:
    row = exam.shape(lesion, "long_axis")
    if row is None:
        return unknown(lesion, "its long axis is not measured")
    off = abs(row.value - test.mm)
    verdict = Verdict.AGREES if off <= limits[0] else Verdict.BORDERLINE
    return Found(
        lesion,
        verdict if off <= limits[1] else Verdict.CONFLICTS,
        f"{write_number(row.value, 'mm')} mm, {write_number(off, 'mm')} mm "
        f"{'more' if row.value >= test.mm else 'less'} than the {test.mm:g} mm reported",
        row.value,
        "mm",
        row.phase,
        row.series_uid,
        rank=off,
        doubts=(*row.doubts, *_drawn_elsewhere(claim, row, exam)),
    )


def _readers_in(exam: ExamRows) -> tuple[str, list[Row]]:
    """What two readers differ by in the phases drawn on, where that was published."""
    table = load_table("reader_limits")
    measured = (exam.shape(lesion, "long_axis") for lesion in exam.lesions)
    phases = dict.fromkeys(row.phase for row in measured if row is not None)
    published = {phase: f"long_axis_{phase}" for phase in phases}
    found = {phase: table[name] for phase, name in published.items() if name in table}
    text = "".join(
        f"; two readers of the {phase_title(phase, exam.modality)} differ by "
        f"{row.value[0]:+g} to {row.value[1]:+g} mm"
        for phase, row in found.items()
    )
    return text, list(found.values())


def _drawn_elsewhere(claim: Claim, row: Measurement, exam: ExamRows) -> tuple[Doubt, ...]:
    """A diameter grows from before contrast over portal to arterial (Huh 2018)."""
    if not claim.phase or row.phase in serving_phases(claim.phase):
        return ()
    reason = (
        f"drawn on the {phase_title(row.phase, exam.modality)}, the report names the "
        f"{phase_title(claim.phase, exam.modality)}; diameters differ between phases"
    )
    return (Doubt(reason, row.lesion),)


def judge_shape(claim: Claim, test: ShapeTest, exam: ExamRows) -> Outcome:
    """Irregular: low solidity or low sphericity. Small lesions are not rated."""
    rules = load_table("descriptor_rules")
    names = ("irregular_solidity", "irregular_sphericity")
    tolerance = with_tolerance(
        f"solidity below {rules.number(names[0]):.2f} or sphericity below "
        f"{rules.number(names[1]):.2f}",
        [rules[name] for name in names],
    )
    wording = Wording(f"the shape is {test.shape}", f"the shape is not {test.shape}", tolerance)
    return judge_lesions(exam, test.lesions, claim.sites, _irregular, wording)


def _irregular(exam: ExamRows, lesion: str) -> Found:
    least = load_table("size_rules").number("shape_diameter_min")
    if exam.length_of(lesion) < least:
        return unknown(lesion, f"shape is not rated below {least:g} mm")
    limits = load_table("descriptor_rules").number
    solidity, sphericity = exam.shape(lesion, "solidity"), exam.shape(lesion, "sphericity")
    low_solidity = solidity is not None and solidity.value < limits("irregular_solidity")
    low_sphericity = sphericity is not None and sphericity.value < limits("irregular_sphericity")
    irregular = low_solidity or low_sphericity
    if not irregular and (solidity is None or sphericity is None):
        lacking = "solidity" if solidity is None else "sphericity"
        why = " (slices too far apart)" if solidity is None else ""
        return unknown(lesion, f"its {lacking} is not measured{why}")
    rows = [row for row in (solidity, sphericity) if row is not None]
    shown = rows[0] if low_solidity or not low_sphericity else rows[-1]
    return Found(
        lesion,
        Verdict.AGREES if irregular else Verdict.CONFLICTS,
        ", ".join(f"{row.metric} {write_number(row.value, '1')}" for row in rows),
        shown.value,
        "1",
        shown.phase,
        shown.series_uid,
        rank=shown.value,
        doubts=tuple(doubt for row in rows for doubt in row.doubts),
    )


def judge_extents(_claim: Claim, test: ExtentsTest, exam: ExamRows) -> Outcome:
    """Three sorted extents, and the volume of their ellipsoid, against the best lesion."""
    table = load_table("claim_tolerances")
    names = ("extent_least", "extent", "specimen_volume")
    reported = sorted(test.mm, reverse=True)
    ellipsoid_ml = math.pi / 6.0 * math.prod(reported) / MM3_PER_ML
    tolerance = with_tolerance(
        f"each sorted extent within {table.number(names[0]):g} mm or "
        f"{percent(table.number(names[1]))}, volume within {percent(table.number(names[2]))} "
        f"of the ellipsoid's {write_number(ellipsoid_ml, 'ml')} ml",
        [table[name] for name in names],
    )
    if not exam.lesions:
        return no_lesions(exam)
    found = [_extents(exam, lesion, reported, ellipsoid_ml) for lesion in exam.lesions]
    known = [one for one in found if one.verdict is not Verdict.NOT_ASSESSABLE]
    best = min(known, key=lambda one: (ORDER.index(one.verdict), one.rank), default=None)
    if best is None or (best.verdict is Verdict.CONFLICTS and len(known) < len(found)):
        reason = next(one.reason for one in found if one not in known)
        return not_assessable(reason, tolerance=tolerance)
    wanted = f"{_sizes(reported, '{:g}')} mm"
    if best.verdict is Verdict.CONFLICTS:
        reason = (
            f"no matching lesion: none of {len(known)} measures {wanted}; "
            f"the nearest is {best.lesion} with {best.text}"
        )
        return Outcome(Verdict.CONFLICTS, reason, tolerance=tolerance)
    doubt = Doubt(
        f"the report does not say which lesion measured {wanted}: {best.lesion} is matched by "
        f"size, of {len(exam.lesions)}",
        exam.title,
    )
    extents = [_value(exam, best.lesion, metric) for metric in EXTENTS]
    return Outcome(
        verdict=best.verdict,
        reason=f"{best.lesion} fits {wanted} best: {best.text}",
        value=_sizes(extents, "{:.1f}"),
        unit="mm",
        tolerance=tolerance,
        phase=best.phase,
        lesions=(best.lesion,),
        series_uid=best.series_uid,
        slice=exam.slice_of(best.lesion),
        doubts=(*best.doubts, *([doubt] if len(exam.lesions) > 1 else [])),
    )


def _extents(exam: ExamRows, lesion: str, reported: Sequence[float], ellipsoid_ml: float) -> Found:
    rows = [exam.shape(lesion, metric) for metric in (*EXTENTS, "voxel_volume")]
    if any(row is None for row in rows):
        return unknown(lesion, f"the extents of {lesion} are not measured")
    measured = [row for row in rows if row is not None]
    limits = load_table("claim_tolerances").number
    sizes = sorted((row.value for row in measured[:3]), reverse=True)
    off = max(
        abs(one - other) / max(limits("extent_least"), limits("extent") * other)
        for one, other in zip(sizes, reported, strict=True)
    )
    volume_ml = measured[3].value
    volume_off = abs(volume_ml - ellipsoid_ml) / (limits("specimen_volume") * ellipsoid_ml)
    verdict = Verdict.AGREES if volume_off <= 1.0 else Verdict.PARTLY
    return Found(
        lesion,
        verdict if off <= 1.0 else Verdict.CONFLICTS,
        f"{_sizes(sizes, '{:.1f}')} mm and {write_number(volume_ml, 'ml')} ml",
        phase=measured[0].phase,
        series_uid=measured[0].series_uid,
        rank=off,
        doubts=tuple(dict.fromkeys(doubt for row in measured for doubt in row.doubts)),
    )


def _value(exam: ExamRows, lesion: str, metric: str) -> float:
    row = exam.shape(lesion, metric)
    return 0.0 if row is None else row.value


def _sizes(sizes: Sequence[float], form: str) -> str:
    return " x ".join(form.format(size) for size in sizes)

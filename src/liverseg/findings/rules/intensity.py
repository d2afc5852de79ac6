"""Signal against liver, and hepatocyte uptake."""

from __future__ import annotations

from functools import partial

from liverseg.findings.evidence import ExamRows, Gap, Readings
from liverseg.findings.expectations import IntensityTest, NoUptakeTest
from liverseg.findings.lesionwise import Found, Wording, judge_lesions, unknown
from liverseg.findings.outcome import Outcome, with_tolerance
from liverseg.findings.words import join_and, phase_title, write_number, write_signed
from liverseg.records import Claim, Doubt, Measurement, Phase, Verdict
from liverseg.tables import Row, load_table

PARTS = ("rim", "core")


def judge_intensity(claim: Claim, test: IntensityTest, exam: ExamRows) -> Outcome:
    """Darker than, as bright as or brighter than liver: a ratio on MR, a difference on CT."""
    row = _band(claim.phase, exam.modality)
    low, high = (-row.value, row.value) if exam.modality == "CT" else row.value
    metric = "lesion_liver_difference" if exam.modality == "CT" else "lesion_liver_ratio"
    unit = row.unit
    of = "lesion minus liver" if exam.modality == "CT" else "lesion over liver"
    suffix = "" if unit == "1" else f" {unit}"
    words = {
        "low": f"below {low:g}{suffix}",
        "same": f"from {low:g} to {high:g}{suffix}",
        "high": f"above {high:g}{suffix}",
    }
    signal = "attenuation" if exam.modality == "CT" else "signal"
    level = {"low": "low", "same": "like that of liver", "high": "high"}[test.level]
    title = phase_title(claim.phase, exam.modality)
    wording = Wording(
        holds=f"the {signal} is {level}",
        fails=f"the {signal} is not {level}",
        tolerance=with_tolerance(f"{of} {words[test.level]}", [row]),
        where=f"{_preposition(claim.phase)} {title} ",
    )
    judge = partial(_intensity, claim.phase, metric, (low, high), test.level)
    return judge_lesions(exam, test.lesions, claim.sites, judge, wording)


def _preposition(phase: str) -> str:
    if phase in (Phase.T2, Phase.DWI, Phase.ADC):
        return "on"
    return "on the" if phase == Phase.NON_CONTRAST else "in the"


def _band(phase: str, modality: str) -> Row:
    """The band within which a lesion is as bright as liver."""
    table = load_table("descriptor_rules")
    if modality == "CT":
        return table["iso_band_ct"]
    return table["iso_t2" if phase == Phase.T2 else "iso_mr"]


def _intensity(
    phase: str,
    metric: str,
    band: tuple[float, float],
    level: str,
    exam: ExamRows,
    lesion: str,
) -> Found:
    rows = exam.readings(lesion, phase, [metric])
    if isinstance(rows, Gap):
        return unknown(lesion, rows.reason)
    value, unit = rows[metric], rows.rows[metric].unit
    measured = "low" if value < band[0] else "high" if value > band[1] else "same"
    return Found(
        lesion,
        Verdict.AGREES if measured == level else Verdict.CONFLICTS,
        write_number(value, unit) if unit == "1" else write_signed(value, unit),
        value,
        unit,
        rows.phase,
        rows.series_uid,
        rank={"low": value, "high": -value, "same": abs(value - sum(band) / 2)}[level],
        doubts=rows.doubts,
    )


def judge_no_uptake(claim: Claim, test: NoUptakeTest, exam: ExamRows) -> Outcome:
    """No hepatocyte uptake: rim and core each darker than liver, and not brighter than blood.

    A lesion full of blood stays bright without a single hepatocyte, so enhancement against
    the image before contrast would not tell.
    """
    table = load_table("descriptor_rules")
    liver, blood = table["no_uptake_liver"], table["no_uptake_blood"]
    wording = Wording(
        holds="uptake is absent",
        fails="uptake is present",
        tolerance=with_tolerance(
            f"rim and core below {liver.value:.2f} of liver and at most {blood.value:.2f} of blood",
            [liver, blood],
        ),
        where=f"in the {phase_title(claim.phase or Phase.HEPATOBILIARY, exam.modality)} ",
    )
    judge = partial(_no_uptake, claim.phase or str(Phase.HEPATOBILIARY))
    return judge_lesions(exam, test.lesions, claim.sites, judge, wording)


def _no_uptake(phase: str, exam: ExamRows, lesion: str) -> Found:
    rows = exam.readings(lesion, phase, ["rim_mean", "core_mean", "liver_mean"])
    if isinstance(rows, Gap):
        return unknown(lesion, rows.reason)
    limits = load_table("descriptor_rules")
    means, liver = [rows[f"{part}_mean"] for part in PARTS], rows["liver_mean"]
    if liver <= 0:
        return unknown(lesion, f"the liver has no signal on the {phase_title(rows.phase)}")
    blood = _blood(exam, rows)
    dark = max(means) / liver < limits.number("no_uptake_liver")
    if dark and blood is None:
        names = [name.removesuffix("_mean") for name in limits["blood_pool"].value]
        vessels = join_and((_VESSELS.get(name, name) for name in names), last="or")
        reason = f"no reference for blood ({vessels}) on the {exam.title}: pass --structures"
        return unknown(lesion, reason)
    text = " and ".join(
        f"{part} {write_number(mean / liver, '1')}" for part, mean in zip(PARTS, means, strict=True)
    )
    text = f"{text} of liver"
    fits = dark
    if blood is not None:
        fits = dark and max(means) <= limits.number("no_uptake_blood") * blood.value
        text = f"{text}, {write_number(max(means) / blood.value, '1')} of blood"
    return Found(
        lesion,
        Verdict.AGREES if fits else Verdict.CONFLICTS,
        text,
        max(means) / liver,
        "1",
        rows.phase,
        rows.series_uid,
        rank=max(means) / liver,
        doubts=(*rows.doubts, *_adequacy(exam, rows, liver)),
    )


_VESSELS = {"ivc": "inferior vena cava", "portal_vein": "portal vein"}


def _blood(exam: ExamRows, rows: Readings) -> Measurement | None:
    """The first vessel that stands for blood, measured in the same series."""
    for metric in load_table("descriptor_rules")["blood_pool"].value:
        row = exam.liver_row(rows, metric)
        if row is not None and row.value > 0:
            return row
    return None


def _adequacy(exam: ExamRows, rows: Readings, liver: float) -> tuple[Doubt, ...]:
    """A liver that has hardly taken the agent up hides uptake elsewhere."""
    least = load_table("descriptor_rules").number("adequate_uptake")
    vein = exam.liver_row(rows, "ivc_mean")
    if vein is None or vein.value <= 0 or liver / vein.value > least:
        return ()
    ratio = write_number(liver / vein.value, "1")
    reason = f"liver over vena cava is {ratio}, not above {least:g}: uptake may be incomplete"
    return (Doubt(reason, exam.title),)

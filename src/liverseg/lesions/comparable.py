"""May two series be subtracted? Enhancement is refused where protocols differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liverseg.records import Exam, Phase, SeriesVolume
from liverseg.tables import load_table

ARTERIAL = (Phase.EARLY_ARTERIAL, Phase.LATE_ARTERIAL)


@dataclass(frozen=True, eq=False)
class Baseline:
    """The series before contrast that belongs to a phase, or None and why.

    `unknown` names settings that the headers do not give; they were taken as equal.
    """

    series: SeriesVolume | None
    refusal: str = ""
    unknown: tuple[str, ...] = ()


def find_baseline(exam: Exam, series: SeriesVolume) -> Baseline:
    """The first non-contrast series of an exam with the same settings as `series`.

    CT: same tube voltage, kernel and slice thickness, both in HU. MR: same repetition
    time, echo time and flip angle; coil and receiver gain are not in headers and are
    taken as equal within an exam.
    """
    candidates = [item for item in exam.series if item.call.phase is Phase.NON_CONTRAST]
    if not candidates:
        return Baseline(None, "there is no series before contrast")
    refusals = []
    for candidate in candidates:
        different, unknown = compare_settings(candidate, series, modality=exam.modality)
        if not different:
            return Baseline(candidate, unknown=unknown)
        refusals.append(" and ".join(different))
    return Baseline(None, f"the series before contrast differs in {refusals[0]}")


def compare_settings(
    one: SeriesVolume, other: SeriesVolume, *, modality: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Settings that differ between two series, and settings that a header leaves out."""
    pairs = _settings(one, other, modality)
    different = [name for name, a, b, limit in pairs if not _same(a, b, limit)]
    unknown = [name for name, a, b, _ in pairs if a in (None, "") or b in (None, "")]
    if one.volume.unit != other.volume.unit or (modality == "CT" and one.volume.unit != "HU"):
        units = f"unit ({one.volume.unit} and {other.volume.unit}; CT needs HU)"
        different.append(units if modality == "CT" else f"unit ({one.volume.unit})")
    return tuple(different), tuple(unknown)


Setting = tuple[str, float | str | None, float | str | None, float]


def _settings(one: SeriesVolume, other: SeriesVolume, modality: str) -> Sequence[Setting]:
    rules = load_table("enhancement_rules").number
    a, b = one.record.facts, other.record.facts
    if modality == "CT":
        return (
            ("tube voltage", a.kvp, b.kvp, rules("same_kvp")),
            ("kernel", a.kernel, b.kernel, 0.0),
            (
                "slice thickness",
                a.slice_thickness_mm,
                b.slice_thickness_mm,
                rules("same_thickness"),
            ),
        )
    share = rules("same_setting")
    return (
        (
            "repetition time",
            a.repetition_time_ms,
            b.repetition_time_ms,
            _of(share, a.repetition_time_ms),
        ),
        ("echo time", a.echo_time_ms, b.echo_time_ms, _of(share, a.echo_time_ms)),
        ("flip angle", a.flip_angle_deg, b.flip_angle_deg, _of(share, a.flip_angle_deg)),
    )


def _of(share: float, value: float | None) -> float:
    return share * abs(value or 0.0)


def _same(one: float | str | None, other: float | str | None, limit: float) -> bool:
    """Unknown counts as the same; the caller says so."""
    if one in (None, "") or other in (None, ""):
        return True
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    assert one is not None
    assert other is not None
    return abs(one - other) <= limit

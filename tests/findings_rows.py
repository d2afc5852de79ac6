"""Measurement rows of made-up exams: what the lesion and liver rooms would have measured.

Levels and sizes of the phantoms P1 to P5 are those designed for the digital case; nothing
is simulated, so every number is known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from liverseg.findings import compare
from liverseg.records import Claim, Judgement, Measurement, ReportedFindings, SourceKind

CT_PHASES = ("non_contrast", "late_arterial", "portal_venous", "delayed")
MR_PHASES = (
    "non_contrast", "late_arterial", "portal_venous", "transitional", "hepatobiliary", "t2",
)  # fmt: skip
LIVER = {"CT": (58, 78, 118, 95), "MR": (100, 125, 165, 175, 195, 100)}
IVC = {"CT": (42, 60, 150, 110), "MR": (60, 100, 200, 165, 105, 50)}
PORTAL = {"CT": (42, 130, 185, 110), "MR": (60, 140, 240, 165, 105, 50)}
ARTERIAL = ("early_arterial", "late_arterial")
ENHANCED = (*ARTERIAL, "portal_venous", "delayed", "transitional", "hepatobiliary")
RIM_SHARE = 0.6


@dataclass(frozen=True)
class Made:
    """A lesion: segment shares, axes in mm, levels of rim and core by modality."""

    name: str
    shares: Mapping[str, float]
    axes: tuple[float, float, float]
    rim: Mapping[str, Sequence[float]]
    core: Mapping[str, Sequence[float]]
    coverage: float = 1.0
    solidity: float = 0.99
    sphericity: float = 0.95
    volume: float | None = None
    border: float = 25.0
    overlap: float = 0.0


@dataclass(frozen=True)
class MadeExam:
    """Rows of one exam. `rows()` gives them in the order of the real measurement."""

    date: str
    modality: str
    lesions: tuple[Made, ...]
    phases: tuple[str, ...] = ()
    structures: bool = True
    couinaud: bool = True
    drawn_on: str = "portal_venous"
    rename: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[Measurement]:
        made: list[Measurement] = []
        for lesion in self.lesions:
            made += self._sizes(lesion)
            for phase in self._phases():
                made += self._levels(lesion, phase)
            if self.structures:
                made.append(self._row("vessel_overlap", lesion.overlap, "ml", lesion.name))
        made.append(self._row("voxel_volume", 1500.0, "ml", "liver"))
        for phase in self._phases():
            made += self._liver(phase)
        return [replace(row, phase=self.rename.get(row.phase, row.phase)) for row in made]

    def _all_phases(self) -> tuple[str, ...]:
        return CT_PHASES if self.modality == "CT" else MR_PHASES

    def _phases(self) -> tuple[str, ...]:
        return self.phases or self._all_phases()

    def _row(
        self, metric: str, value: float, unit: str, lesion: str, phase: str = "", **more: object
    ) -> Measurement:
        phase = phase or self._reference()
        return Measurement(
            metric,
            float(value),
            unit,
            "made",
            lesion=lesion,
            date=self.date,
            modality=self.modality,
            phase=phase,
            series_uid=f"1.2.{self.date}.{self.modality}.{phase}",
            **more,  # type: ignore[arg-type]
        )

    def _reference(self) -> str:
        return self.drawn_on if self.drawn_on in self._phases() else self._phases()[0]

    def _sizes(self, lesion: Made) -> list[Measurement]:
        a, b, c = lesion.axes
        volume = lesion.volume or math.pi / 6 * a * b * c / 1000
        made = [
            self._row("voxel_volume", volume, "ml", lesion.name),
            self._row("long_axis", a, "mm", lesion.name, slice=40),
            self._row("short_axis", b, "mm", lesion.name, slice=40),
            *(
                self._row(f"extent_{n}", size, "mm", lesion.name)
                for n, size in enumerate(lesion.axes, 1)
            ),
            self._row("solidity", lesion.solidity, "1", lesion.name),
            self._row("sphericity", lesion.sphericity, "1", lesion.name),
        ]
        if self.couinaud:
            made += [
                self._row("couinaud_share", share, "1", lesion.name, segment=segment)
                for segment, share in lesion.shares.items()
            ]
            made.append(self._row("border_distance", lesion.border, "mm", lesion.name))
        return made

    def _levels(self, lesion: Made, phase: str) -> list[Measurement]:
        unit = "HU" if self.modality == "CT" else "au"
        at = self._all_phases().index(phase)
        rim, core = lesion.rim[self.modality], lesion.core[self.modality]
        parts = {
            "": [RIM_SHARE * r + (1 - RIM_SHARE) * c for r, c in zip(rim, core, strict=True)],
            "rim_": rim,
            "core_": core,
        }
        mean, liver = parts[""][at], LIVER[self.modality][at]

        def row(metric: str, value: float, unit: str) -> Measurement:
            return self._row(metric, value, unit, lesion.name, phase)

        made = [row(f"{part}mean", levels[at], unit) for part, levels in parts.items()]
        made += [
            row("liver_mean", liver, unit),
            row("lesion_liver_difference", mean - liver, unit),
            row("lesion_liver_ratio", mean / liver, "1"),
        ]
        if phase not in ENHANCED:
            return made
        for part, levels in parts.items():
            if self.modality == "CT":
                made.append(row(f"{part}enhancement", levels[at] - levels[0], "HU"))
            else:
                made.append(row(f"{part}enhancement", 100 * (levels[at] / levels[0] - 1), "%"))
        if phase in ARTERIAL:
            made.append(row("ring_coverage", lesion.coverage, "1"))
        return made

    def _liver(self, phase: str) -> list[Measurement]:
        unit = "HU" if self.modality == "CT" else "au"
        at = self._all_phases().index(phase)
        made = [self._row("mean", LIVER[self.modality][at], unit, "liver", phase)]
        if self.structures:
            made += [
                self._row("ivc_mean", IVC[self.modality][at], unit, "liver", phase),
                self._row("portal_vein_mean", PORTAL[self.modality][at], unit, "liver", phase),
            ]
        return made


RIM_P1 = {"CT": (46, 108, 126, 120), "MR": (70, 185, 195, 180, 78, 200)}
RIM_P2 = {"CT": (48, 112, 128, 125), "MR": (70, 190, 200, 185, 80, 200)}
CORE_P2 = {"CT": (42, 48, 72, 88), "MR": (68, 76, 100, 115, 72, 230)}
CORE_P3 = {"CT": (42, 68, 88, 98), "MR": (68, 100, 125, 130, 74, 230)}


def smooth(name: str, segment: str, axes: tuple[float, float, float], kind: str = "P3") -> Made:
    """A smooth ellipsoid in one segment; levels of P1 (all alike) or P3 (strong rim)."""
    rim, core = (RIM_P1, RIM_P1) if kind == "P1" else (RIM_P2, CORE_P3)
    return Made(name, {segment: 1.0}, axes, rim, core)


def irregular(name: str, core: Mapping[str, Sequence[float]]) -> Made:
    """The lesion of the figures: 35 x 32 x 30 mm, dented, in segment 7."""
    return Made(
        name,
        {"7": 0.94, "8": 0.06},
        (35.6, 32.4, 29.5),
        RIM_P2,
        core,
        coverage=0.95,
        solidity=0.80,
        sphericity=0.60,
        volume=14.9,
    )


SMALL = (("4", (22, 20, 20)), ("5", (18, 18, 17)), ("6", (20, 19, 18)), ("8", (16, 16, 15)))


def both(lesions: tuple[Made, ...]) -> list[Measurement]:
    """CT and MR of 2015 with the same lesions."""
    ct = MadeExam("2015-06-01", "CT", lesions)
    return [*ct.rows(), *MadeExam("2015-06-03", "MR", lesions).rows()]


def phantom_rows(name: str) -> list[Measurement]:
    """Rows of one of the phantoms "P1" to "P5"."""
    if name == "P1":
        return both(tuple(smooth(f"T{s}", s, axes, "P1") for s, axes in SMALL))
    if name == "P2":
        return both((irregular("F7", CORE_P2),))
    if name == "P3":
        small = tuple(smooth(f"R{s}", s, axes) for s, axes in SMALL)
        return both((*small, irregular("R7", CORE_P3)))
    if name == "P4":
        lesions = (smooth("P4S3", "3", (18, 16, 15)), smooth("P4S4", "4", (20, 17, 16)))
        return MadeExam("2017-05-10", "MR", lesions, phases=("t2",)).rows()
    if name == "P5":
        lesion = smooth("P5S8", "8", (19, 18, 17))
        return MadeExam("2019-09-02", "MR", (lesion,), phases=("t2",)).rows()
    raise KeyError(name)


def claim(test: str, *, modality: str = "CT", phase: str = "", **more: object) -> Claim:
    """A claim of 2015; other arguments of `Claim`, and whatever else the test expects."""
    own = {name: more.pop(name) for name in ("sites", "date", "id") if name in more}
    given: dict[str, object] = {"id": "1", "date": "2015", **own}
    return Claim(
        statement="something",
        source=SourceKind.TEXT,
        place="text",
        modality=modality,
        phase=phase,
        test=test,
        expects=more,
        **given,  # type: ignore[arg-type]
    )


def judge(made: Claim, rows: Sequence[Measurement]) -> Judgement:
    """The judgement of one claim."""
    return compare(ReportedFindings("made", "here", (made,)), rows).judgements[0]


def changed(
    rows: Sequence[Measurement], metric: str, value: float, *, lesion: str = "", phase: str = ""
) -> list[Measurement]:
    """The rows with another value in those of a metric; at least one must be there."""
    found = [
        row.metric == metric and lesion in ("", row.lesion) and phase in ("", row.phase)
        for row in rows
    ]
    assert any(found)
    return [replace(row, value=value) if hit else row for row, hit in zip(rows, found, strict=True)]


def without(rows: Sequence[Measurement], **parts: str) -> list[Measurement]:
    """The rows but those whose fields are all as given; at least one must go."""
    kept = [row for row in rows if any(getattr(row, name) != text for name, text in parts.items())]
    assert len(kept) < len(rows)
    return kept

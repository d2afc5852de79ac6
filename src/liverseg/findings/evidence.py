"""Measured rows, arranged the way rules ask for them: exam, lesion, phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from liverseg.findings.words import join_and, phase_title, serving_phases
from liverseg.records import Doubt, Measurement, Phase
from liverseg.tables import load_table

LIVER = "liver"
OUTSIDE = "outside"
SHARE = "couinaud_share"
HALVES = ("4a", "4b")


@dataclass(frozen=True)
class Readings:
    """Rows of one lesion in one series."""

    phase: str
    series_uid: str
    rows: Mapping[str, Measurement]
    doubts: tuple[Doubt, ...] = ()

    def __getitem__(self, metric: str) -> float:
        return self.rows[metric].value


@dataclass(frozen=True)
class Gap:
    """Why something cannot be read off the rows, as half a sentence."""

    reason: str


@dataclass(frozen=True)
class ExamRows:
    """All rows of one date and modality."""

    date: str
    modality: str
    rows: tuple[Measurement, ...]

    @property
    def title(self) -> str:
        """What a person calls this exam: "CT of 2015-06-01"."""
        return f"{self.modality} of {self.date or 'an unknown date'}"

    @cached_property
    def lesions(self) -> tuple[str, ...]:
        """Names of the lesions, in the order of the rows. The liver is none."""
        return tuple(dict.fromkeys(r.lesion for r in self.rows if r.lesion not in ("", LIVER)))

    def shape(self, lesion: str, metric: str) -> Measurement | None:
        """A row that needs the mask only (size, shape), or None."""
        return next((r for r in self.rows if r.lesion == lesion and r.metric == metric), None)

    def slice_of(self, lesion: str) -> int | None:
        """Acquired slice of the lesion's long axis, in the series its mask was drawn on."""
        row = self.shape(lesion, "long_axis")
        return None if row is None else row.slice

    def length_of(self, lesion: str) -> float:
        """Long axis in mm, 0 where there is none: to tell the largest lesion."""
        row = self.shape(lesion, "long_axis")
        return 0.0 if row is None else row.value

    def shares(self, lesion: str) -> dict[str, float] | None:
        """Part of a lesion in each segment as the rows have it; None without any row."""
        rows = [r for r in self.rows if r.lesion == lesion and r.metric == SHARE]
        if not rows:
            return None
        found: dict[str, float] = {}
        for row in rows:
            if row.segment != OUTSIDE:
                found.setdefault(row.segment, row.value)
        return found

    def readings(self, lesion: str, phase: str, metrics: Sequence[str]) -> Readings | Gap:
        """Rows of a lesion in a phase, all of one series: the first that has them all.

        A phase may be answered by another one (table `finding_phases`); a second series
        of the phase, or another phase, is said in a doubt.
        """
        first_lack: Gap | None = None
        for served in serving_phases(phase):
            groups = self._series(lesion, served, metrics)
            for group in groups:
                if all(metric in group for metric in metrics):
                    return self._taken(group, phase, metrics, [g for g in groups if g is not group])
            if groups and first_lack is None:
                first_lack = _lack(groups[0], served, metrics, self.modality)
        return first_lack or self._no_phase(lesion, phase)

    def liver_row(self, readings: Readings, metric: str) -> Measurement | None:
        """A row of liver or vessels in the very series of some readings, or None."""
        for row in self.rows:
            same = (row.phase, row.series_uid) == (readings.phase, readings.series_uid)
            if same and row.lesion == LIVER and row.metric == metric:
                return row
        return None

    def _series(
        self, lesion: str, phase: str, metrics: Sequence[str]
    ) -> list[dict[str, Measurement]]:
        """Rows of each series of a phase by metric; not those of sizes alone.

        A metric that comes again begins another volume, because two volumes may share
        the UID of one DICOM series.
        """
        groups: list[dict[str, Measurement]] = []
        for row in self.rows:
            if row.lesion != lesion or row.phase != phase or row.metric == SHARE:
                continue
            fitting = [
                group
                for group in groups
                if next(iter(group.values())).series_uid == row.series_uid
                and row.metric not in group
            ]
            if fitting:
                fitting[-1][row.metric] = row
            else:
                groups.append({row.metric: row})
        return [group for group in groups if not group.keys().isdisjoint(("mean", *metrics))]

    def _taken(
        self,
        group: Mapping[str, Measurement],
        phase: str,
        metrics: Sequence[str],
        others: Sequence[Mapping[str, Measurement]],
    ) -> Readings:
        rows = {metric: group[metric] for metric in metrics}
        one = next(iter(rows.values()))
        doubts = [doubt for row in rows.values() for doubt in row.doubts]
        title = phase_title(one.phase, self.modality)
        if others:
            reason = f"{len(others) + 1} series are {title}: the first complete one is compared"
            doubts.append(Doubt(reason, self.title))
        if one.phase != serving_phases(phase)[0]:
            asked = phase_title(phase, self.modality)
            doubts.append(Doubt(f"no complete {asked}: the {title} is compared", self.title))
        return Readings(one.phase, one.series_uid, rows, tuple(dict.fromkeys(doubts)))

    def _no_phase(self, lesion: str, phase: str) -> Gap:
        served = serving_phases(phase)
        title = phase_title(phase, self.modality)
        if any(row.phase in served and row.metric == "mean" for row in self.rows):
            return Gap(f"{lesion} is not measured on the {title} of the {self.title}")
        unknown = dict.fromkeys(r.series_uid for r in self.rows if r.phase == Phase.UNDETERMINED)
        hint = ""
        if unknown:
            names = join_and(unknown, last="or")
            hint = (
                f"; the phase of series {names} is undetermined: if it is one, "
                f"say --phase SERIES={served[0]}"
            )
        return Gap(f"the {self.title} has no {title}{hint}")


def _lack(
    group: Mapping[str, Measurement], phase: str, metrics: Sequence[str], modality: str
) -> Gap:
    """Which rows are missing, with the reason that stands on the row `mean`."""
    missing = [metric for metric in metrics if metric not in group]
    words = {word for metric in missing for word in metric.split("_")}
    mean = group.get("mean")
    told = [
        doubt.reason
        for doubt in (mean.doubts if mean else ())
        if doubt.reason.startswith("no ") and words & set(doubt.reason.replace(":", " ").split())
    ]
    names = join_and(metric.replace("_", " ") for metric in missing)
    reason = f" ({'; '.join(dict.fromkeys(told))})" if told else ""
    return Gap(f"no {names} on the {phase_title(phase, modality)}{reason}")


def gather_exams(rows: Sequence[Measurement]) -> tuple[ExamRows, ...]:
    """Rows by date and modality, in order of date."""
    found: dict[tuple[str, str], list[Measurement]] = {}
    for row in rows:
        found.setdefault((row.date, row.modality), []).append(row)
    return tuple(
        ExamRows(date, modality, tuple(members))
        for (date, modality), members in sorted(found.items())
    )


def share_in(shares: Mapping[str, float], segments: Sequence[str]) -> float | None:
    """Part of a lesion in some segments together; None when halves of 4 are not told apart.

    >>> share_in({"4a": 0.3, "4b": 0.2, "5": 0.5}, ["4"]), share_in({"4": 1.0}, ["4a"])
    (0.5, None)
    """
    folded = fold_shares(shares, segments)
    return None if folded is None else sum(folded.get(segment, 0.0) for segment in segments)


def fold_shares(shares: Mapping[str, float], named: Sequence[str]) -> dict[str, float] | None:
    """Shares in the terms of a claim: 4 as one unless the claim names 4a or 4b.

    None when it does but the rows have only the whole of 4.
    """
    halved = any(segment in HALVES for segment in named)
    whole = {name: share for name, share in shares.items() if name not in HALVES}
    halves = {name: share for name, share in shares.items() if name in HALVES}
    if halved:
        if "4" in whole and not halves:
            return None
        whole.pop("4", None)
        return {**whole, **halves}
    if halves and "4" not in whole:
        whole["4"] = sum(halves.values())
    return whole


def counted_segments(shares: Mapping[str, float]) -> tuple[str, ...]:
    """Segments that count for a lesion (table `couinaud_rules`), in order of number."""
    least = load_table("couinaud_rules").number("listed_share_min")
    return tuple(sorted(name for name, share in shares.items() if share >= least))

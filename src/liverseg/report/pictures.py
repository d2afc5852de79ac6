"""Pictures of a case with their captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from liverseg.records import View
from liverseg.report.content import ExamSummary, ReportContent
from liverseg.report.figures import LABEL_4B, draw_lesion, draw_segments, frame_of, segment_name
from liverseg.report.words import listed, number, phase_order, phase_word, unit_word


@dataclass(frozen=True)
class Picture:
    """A drawn picture, or (svg empty) the place of one that could not be made."""

    svg: Markup
    caption: str
    detail: str
    hint: str = ""


def lesion_pictures(content: ReportContent, exam: ExamSummary, lesion: str) -> tuple[Picture, ...]:
    """A lesion in every series of an exam, in the order of phases, all at one scale."""
    views = [v for v in _views(content, exam, "lesion") if v.lesion == lesion]
    if not views:
        return ()
    frame = frame_of(views)
    shown = []
    for view in views:
        phase = phase_word(view.phase)
        title = _alt(view, lesion, exam)
        picture = draw_lesion(view, frame, title=title)
        item = Picture(picture, phase, _detail(view), _series_title(exam, view))
        shown.append((phase_order(view.phase), item))
    for series in exam.series:
        if not any(_is_of(view, series.phase, series.series_uid) for view in views):
            gap = Picture(
                Markup(""), phase_word(series.phase), "no slice reaches the lesion", series.title
            )
            shown.append((phase_order(series.phase), gap))
    return tuple(item for _, item in sorted(shown, key=lambda pair: pair[0]))


def place_picture(content: ReportContent, exam: ExamSummary, lesion: str) -> Picture | None:
    """Where in the liver a lesion lies: its slice with the segments, or None."""
    views = [v for v in _views(content, exam, "segments") if v.lesion == lesion]
    return _segment_picture(views[0], exam, lesion) if views else None


def segment_pictures(content: ReportContent, exam: ExamSummary) -> tuple[Picture, ...]:
    """The slices of the segment map of an exam, from the feet up."""
    views = [v for v in _views(content, exam, "segments") if not v.lesion]
    ordered = sorted(views, key=lambda view: view.slice)
    return tuple(_segment_picture(view, exam, "") for view in ordered)


def _views(content: ReportContent, exam: ExamSummary, kind: str) -> list[View]:
    return [v for v in content.views if v.kind == kind and v.exam_id == exam.exam_id]


def _segment_picture(view: View, exam: ExamSummary, lesion: str) -> Picture:
    present = np.unique(view.labels[view.labels != 0]).tolist()
    names = [segment_name(label, split=LABEL_4B in present) for label in present]
    what = f"Slice of lesion {lesion} with" if lesion else "Slice of the liver with"
    title = (
        f"{what} Couinaud segments {listed(sorted(names))}: "
        f"{exam.title}, {phase_word(view.phase)}, slice {view.slice}"
    )
    svg = draw_segments(view, frame_of([view]), title=title)
    return Picture(svg, phase_word(view.phase), _detail(view), _series_title(exam, view))


def _alt(view: View, lesion: str, exam: ExamSummary) -> str:
    drawn = "outline" if view.labels.any() else "no outline on this slice"
    axes = [line.name.replace("_", " ") for line in view.lines]
    return (
        f"Lesion {lesion}, {exam.title}, {phase_word(view.phase)}, slice {view.slice}, "
        f"with {' and '.join([drawn, *axes])}"
    )


def _detail(view: View) -> str:
    low, high = view.window
    unit = view.unit
    if unit == "HU":
        window = f"L {number((low + high) / 2, unit)} W {number(high - low, unit)}"
    else:
        window = f"{number(low, unit)} to {number(high, unit)} {unit_word(unit)}"
    return f"slice {view.slice} · {window}"


def _series_title(exam: ExamSummary, view: View) -> str:
    titles = [s.title for s in exam.series if s.series_uid and _is_of(view, s.phase, s.series_uid)]
    return titles[0] if titles else view.series_uid


def _is_of(view: View, phase: str, series_uid: str) -> bool:
    return view.phase == phase and series_uid in ("", view.series_uid)

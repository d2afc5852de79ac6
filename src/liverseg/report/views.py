"""Cut small pictures out of acquired slices: each lesion in each series, and the segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Grid, LabelMap, Translation, resample_labels
from liverseg.lesions import lesion_shift_to
from liverseg.records import Exam, Lesion, Measurement, SeriesVolume, View, ViewLine
from liverseg.report.window import display_window
from liverseg.tables import load_table

#: Metrics drawn as lines.
AXES = ("long_axis", "short_axis")
Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Shown:
    """A lesion cropped to its box, its slice to show, and its axes with their ends in LPS mm."""

    lesion: Lesion
    mask: LabelMap
    slice: int
    axes: Mapping[str, Float]

    @property
    def centre_lps_mm(self) -> Float:
        """(3,) centre of the lesion within the slice to show."""
        plane = self.mask.array[self.slice]
        row, column = np.argwhere(plane != 0).mean(axis=0)
        return self.mask.grid.to_lps_mm((self.slice, row, column))

    @property
    def corners_lps_mm(self) -> Float:
        """(8, 3) corners of the lesion's box."""
        return self.mask.grid.corners_lps_mm()


def cut_views(
    exam: Exam, measurements: Sequence[Measurement], *, lesions: Sequence[str] | None = None
) -> tuple[View, ...]:
    """Pictures of every lesion in every series of an exam, and of its Couinaud segments.

    A lesion is shown on the slice of its long axis; in the other series on the acquired
    slice nearest to the same tissue, with mask and axes moved by the exam's shifts and the
    lesion's own moves. A series whose slices do not reach the lesion gives no picture. With
    a segment map each lesion has one more picture (kind "segments", its own name): where in
    the liver it lies. Three slices of the segment map have lesion "".

    `measurements` hold the `long_axis` and `short_axis` rows; a lesion without them is
    shown on its largest slice, without axes. `lesions` limits the work to these names and
    leaves the three slices out. Pixels (row, column) are acquired ones, never resampled.
    Sizes, margins and windows: table `display`.

    Raises `MeasurementError` for a series that was not aligned.
    """
    chosen = [item for item in exam.lesions if lesions is None or item.name in lesions]
    windows = {item.record.key: display_window(exam, item) for item in exam.series}
    views: list[View] = []
    for lesion in chosen:
        shown = _shown(exam, lesion, measurements)
        for item in exam.series:
            view = _lesion_view(exam, shown, item, windows[item.record.key])
            if view is not None:
                views.append(view)
        views.extend(_place_view(exam, shown, windows[exam.reference]))
    if lesions is None:
        views.extend(_segment_views(exam, windows[exam.reference]))
    return tuple(views)


def edge_letters(grid: Grid) -> tuple[str, str]:
    """Patient directions that the right and the bottom edge of a slice face: L R P A H F.

    On an oblique grid the nearest direction.

    >>> edge_letters(Grid.axial((1, 2, 2), (1.0, 1.0, 1.0)))
    ('L', 'P')
    """
    letters = ("RL", "AP", "FH")
    found = []
    for axis in (2, 1):
        direction = grid.axes_lps[:, axis]
        k = int(np.abs(direction).argmax())
        found.append(letters[k][int(direction[k] > 0)])
    return found[0], found[1]


def _shown(exam: Exam, lesion: Lesion, measurements: Sequence[Measurement]) -> _Shown:
    reference = exam.by_key(exam.reference).record.series_uid
    rows = {
        row.metric: row
        for row in measurements
        if row.metric in AXES
        and (row.lesion, row.date, row.modality) == (lesion.name, exam.date, exam.modality)
        and row.series_uid in ("", reference)
    }
    box = lesion.mask.box()
    mask = lesion.mask.cropped()
    at = rows["long_axis"].slice if "long_axis" in rows else None
    within = -1 if at is None else at - box[0].start
    if not (0 <= within < mask.array.shape[0] and mask.array[within].any()):
        # No axis was measured on this mask: the slice that shows most of it.
        within, rows = int(np.count_nonzero(mask.array, axis=(1, 2)).argmax()), {}
    axes = {
        name: np.array(rows[name].endpoints_lps_mm)
        for name in AXES
        if name in rows and len(rows[name].endpoints_lps_mm) == 2
    }
    return _Shown(lesion, mask, within, axes)


def _lesion_view(
    exam: Exam, shown: _Shown, item: SeriesVolume, window: tuple[float, float]
) -> View | None:
    grid = item.volume.grid
    shift = lesion_shift_to(exam, shown.lesion, item)
    number = int(np.rint(grid.to_index(shift.apply(shown.centre_lps_mm))[0]))
    reach = grid.to_index(shift.apply(shown.corners_lps_mm))[:, 1:]
    rule = load_table("display").number
    area = _area(reach, grid, margin_mm=rule("margin"), least_mm=rule("least_width"))
    if area is None or not 0 <= number < grid.shape[0]:
        return None
    plane = _plane(grid, number, area)
    labels = resample_labels(shown.mask, plane, target_from_source=shift).array[0] != 0
    lines = _lines(shown, plane, shift)
    view = _view(exam, item, number, area, window=window)
    return replace(
        view, kind="lesion", lesion=shown.lesion.name, labels=labels.astype(np.uint8), lines=lines
    )


def _place_view(exam: Exam, shown: _Shown, window: tuple[float, float]) -> list[View]:
    """The lesion's slice of the whole liver with its segments: none without a segment map."""
    if exam.couinaud is None:
        return []
    item = exam.by_key(exam.reference)
    area = _liver_area(exam)
    number = int(np.rint(item.volume.grid.to_index(shown.centre_lps_mm)[0]))
    labels = exam.couinaud.part((slice(number, number + 1), *area))[0]
    lines = _lines(shown, _plane(item.volume.grid, number, area), Translation())
    view = _view(exam, item, number, area, window=window)
    return [
        replace(view, kind="segments", lesion=shown.lesion.name, labels=_bytes(labels), lines=lines)
    ]


def _segment_views(exam: Exam, window: tuple[float, float]) -> list[View]:
    if exam.couinaud is None:
        return []
    item, area = exam.by_key(exam.reference), _liver_area(exam)
    slices = exam.liver.box()[0]
    last = slices.stop - 1 - slices.start
    shares = load_table("display")["segment_slices"].value
    views = []
    for number in sorted({slices.start + round(share * last) for share in shares}):
        view = _view(exam, item, number, area, window=window)
        labels = exam.couinaud.part((slice(number, number + 1), *area))[0]
        views.append(replace(view, kind="segments", labels=_bytes(labels)))
    return views


def _liver_area(exam: Exam) -> tuple[slice, slice]:
    grid = exam.liver.grid
    box = exam.liver.box()
    ends = np.array([[span.start, span.stop - 1] for span in box[1:]], dtype=float).T
    margin = load_table("display").number("segment_margin")
    area = _area(ends, grid, margin_mm=margin, least_mm=0.0)
    assert area is not None  # the liver lies on this grid
    return area


def _area(
    reach: Float, grid: Grid, *, margin_mm: float, least_mm: float
) -> tuple[slice, slice] | None:
    """Rows and columns round points (n, 2), clipped to the image; None where nothing is left."""
    spacing = np.array(grid.spacing_mm[1:])
    low, high = reach.min(axis=0), reach.max(axis=0)
    half = np.maximum((high - low) / 2 + margin_mm / spacing, least_mm / 2 / spacing)
    middle = (low + high) / 2
    first = np.maximum(np.floor(middle - half).astype(int), 0)
    stop = np.minimum(np.ceil(middle + half).astype(int) + 1, grid.shape[1:])
    if (stop - first < 2).any():
        return None
    return slice(int(first[0]), int(stop[0])), slice(int(first[1]), int(stop[1]))


def _plane(grid: Grid, number: int, area: tuple[slice, slice]) -> Grid:
    """The grid of one cut-out: its first axis has length one."""
    rows, columns = area
    shape = (1, rows.stop - rows.start, columns.stop - columns.start)
    return grid.cropped((number, rows.start, columns.start), shape)


def _lines(shown: _Shown, plane: Grid, shift: Translation) -> tuple[ViewLine, ...]:
    """The axes in pixels of a cut-out, seen along its normal."""
    lines = []
    for name, ends in shown.axes.items():
        (_, row, column), (_, last_row, last_column) = plane.to_index(shift.apply(ends)).tolist()
        lines.append(ViewLine(name, (row, column), (last_row, last_column)))
    return tuple(lines)


def _view(
    exam: Exam,
    item: SeriesVolume,
    number: int,
    area: tuple[slice, slice],
    *,
    window: tuple[float, float],
) -> View:
    """A picture with nothing drawn on it yet."""
    pixels = _small(item.volume.array[number][area])
    return View(
        kind="",
        exam_id=exam.exam_id,
        lesion="",
        phase=str(item.call.phase),
        series_uid=item.record.series_uid,
        slice=number,
        pixels=pixels,
        labels=np.zeros(pixels.shape, dtype=np.uint8),
        spacing_mm=item.volume.grid.spacing_mm[1:],
        unit=item.volume.unit,
        window=window,
        edges=edge_letters(item.volume.grid),
    )


def _bytes(labels: NDArray[np.unsignedinteger]) -> NDArray[np.uint8]:
    """Segment numbers as small as they are stored."""
    return np.array(labels, dtype=np.uint8)


def _small(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """A copy as int16 where that holds every value, else as float32."""
    if pixels.dtype.kind in "iu":
        limits = np.iinfo(np.int16)
        if limits.min <= int(pixels.min()) and int(pixels.max()) <= limits.max:
            return pixels.astype(np.int16)
    return pixels.astype(np.float32)

"""A lesion at a glance, while it is being drawn: its words and its profile by depth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from liverseg.geometry import LabelMap
from liverseg.lesions.descriptors import words_of
from liverseg.lesions.judging import Limits
from liverseg.lesions.moves import tell_moves
from liverseg.lesions.samples import TissueValues, sample_lesion
from liverseg.lesions.shells import shell_rows
from liverseg.records import Descriptor, Exam, Lesion, Measurement, Progress


@dataclass(frozen=True)
class Portrait:
    """The words of a lesion, and the means of its shells in every series.

    `words` are those of `describe_lesion`, `profile` the shell rows of
    `detail_enhancement`; `refusal` says why there is no profile, or is "".
    """

    words: tuple[Descriptor, ...]
    profile: tuple[Measurement, ...]
    refusal: str = ""


def portray_lesion(
    exam: Exam,
    lesion: Lesion,
    reference: LabelMap,
    *,
    shape: tuple[Measurement, ...] = (),
    limits: Limits | None = None,
    tissues: TissueValues | None = None,
    progress: Progress | None = None,
) -> Portrait:
    """Words and profile from one sampling of the voxels, the same as one by one.

    Parameters and errors as in `describe_lesion`; `tissues` and `progress` as in `sample_lesion`.
    """
    samples = sample_lesion(exam, lesion, reference, tissues=tissues, progress=progress)
    if progress is not None:
        progress(f"finding words for {lesion.name}", 1.0)
    profile = [
        replace(
            tell_moves(row, lesion, sample.series),
            lesion=lesion.name,
            date=exam.date,
            modality=exam.modality,
            phase=str(sample.phase),
            series_uid=sample.series.record.series_uid,
        )
        for sample in samples.samples
        for row in shell_rows(sample)
    ]
    words = words_of(samples, shape=shape, limits=limits)
    return Portrait(words, tuple(profile), samples.refusal)

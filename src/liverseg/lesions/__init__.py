"""Lesions: how large, how bright in each phase, against which liver."""

from liverseg.lesions.by_hand import measure_calipers
from liverseg.lesions.descriptors import all_words, describe_lesion, describe_liver
from liverseg.lesions.detail import EnhancementDetail, detail_enhancement
from liverseg.lesions.drawing import (
    StarRays,
    delineate,
    fill_holes,
    grow,
    interpolate_slices,
    keep_largest,
    least_step_mm,
    shrink,
    smooth,
)
from liverseg.lesions.enhancement import measure_enhancement
from liverseg.lesions.evidence import Evidence, gather_evidence
from liverseg.lesions.ibsi import IbsiChain, ibsi_features
from liverseg.lesions.intensity import intensity_histogram, intensity_statistics
from liverseg.lesions.intervals import INTERVAL_SUFFIX, measure_intervals
from liverseg.lesions.judging import Limits, load_limits, margin
from liverseg.lesions.levels import LiverLevels, sample_liver
from liverseg.lesions.liver import measure_liver, measure_structures
from liverseg.lesions.morphology import ibsi_morphology
from liverseg.lesions.moves import (
    movable_series,
    move_in_series,
    moves_text,
    phase_name,
    surroundings,
)
from liverseg.lesions.portrait import Portrait, portray_lesion
from liverseg.lesions.pyradiomics import measure_like_pyradiomics, pyradiomics_shape
from liverseg.lesions.ratios import Ratio, relative_enhancement
from liverseg.lesions.reference import LiverRoom, keep_away, liver_reference
from liverseg.lesions.rim import divide_rim_core, shell_mm
from liverseg.lesions.samples import (
    TissueValues,
    sample_lesion,
    sample_reference,
    sample_structures,
)
from liverseg.lesions.shift import lesion_shift_to
from liverseg.lesions.short_words import ShortWord, short_words, why_no_short_words
from liverseg.lesions.size import measure_size, slice_step_mm
from liverseg.lesions.subtract import subtract_native, subtract_series
from liverseg.lesions.uptake import inadequate_uptake
from liverseg.lesions.viable import measure_viable
from liverseg.lesions.viable_part import measure_viable_part
from liverseg.lesions.words_intensity import Word

__all__ = [
    "INTERVAL_SUFFIX",
    "EnhancementDetail",
    "Evidence",
    "IbsiChain",
    "Limits",
    "LiverLevels",
    "LiverRoom",
    "Portrait",
    "Ratio",
    "ShortWord",
    "StarRays",
    "TissueValues",
    "Word",
    "all_words",
    "delineate",
    "describe_lesion",
    "describe_liver",
    "detail_enhancement",
    "divide_rim_core",
    "fill_holes",
    "gather_evidence",
    "grow",
    "ibsi_features",
    "ibsi_morphology",
    "inadequate_uptake",
    "intensity_histogram",
    "intensity_statistics",
    "interpolate_slices",
    "keep_away",
    "keep_largest",
    "least_step_mm",
    "lesion_shift_to",
    "liver_reference",
    "load_limits",
    "margin",
    "measure_calipers",
    "measure_enhancement",
    "measure_intervals",
    "measure_like_pyradiomics",
    "measure_liver",
    "measure_size",
    "measure_structures",
    "measure_viable",
    "measure_viable_part",
    "movable_series",
    "move_in_series",
    "moves_text",
    "phase_name",
    "portray_lesion",
    "pyradiomics_shape",
    "relative_enhancement",
    "sample_lesion",
    "sample_liver",
    "sample_reference",
    "sample_structures",
    "shell_mm",
    "short_words",
    "shrink",
    "slice_step_mm",
    "smooth",
    "subtract_native",
    "subtract_series",
    "surroundings",
    "why_no_short_words",
]

"""Lesions: how large, how bright in each phase, against which liver."""

from liverseg.lesions.descriptors import all_words, describe_lesion, describe_liver
from liverseg.lesions.detail import EnhancementDetail, detail_enhancement
from liverseg.lesions.drawing import StarRays, delineate, interpolate_slices
from liverseg.lesions.enhancement import measure_enhancement
from liverseg.lesions.evidence import Evidence, gather_evidence
from liverseg.lesions.ibsi import IbsiChain, ibsi_features
from liverseg.lesions.intensity import intensity_histogram, intensity_statistics
from liverseg.lesions.intervals import INTERVAL_SUFFIX, measure_intervals
from liverseg.lesions.judging import Limits, load_limits, margin
from liverseg.lesions.liver import measure_liver
from liverseg.lesions.morphology import ibsi_morphology
from liverseg.lesions.pyradiomics import measure_like_pyradiomics, pyradiomics_shape
from liverseg.lesions.ratios import Ratio, relative_enhancement
from liverseg.lesions.reference import liver_reference
from liverseg.lesions.rim import divide_rim_core, shell_mm
from liverseg.lesions.samples import sample_lesion
from liverseg.lesions.size import measure_size, slice_step_mm
from liverseg.lesions.subtract import subtract_native, subtract_series
from liverseg.lesions.uptake import inadequate_uptake
from liverseg.lesions.viable import measure_viable
from liverseg.lesions.words_intensity import Word

__all__ = [
    "INTERVAL_SUFFIX",
    "EnhancementDetail",
    "Evidence",
    "IbsiChain",
    "Limits",
    "Ratio",
    "StarRays",
    "Word",
    "all_words",
    "delineate",
    "describe_lesion",
    "describe_liver",
    "detail_enhancement",
    "divide_rim_core",
    "gather_evidence",
    "ibsi_features",
    "ibsi_morphology",
    "inadequate_uptake",
    "intensity_histogram",
    "intensity_statistics",
    "interpolate_slices",
    "liver_reference",
    "load_limits",
    "margin",
    "measure_enhancement",
    "measure_intervals",
    "measure_like_pyradiomics",
    "measure_liver",
    "measure_size",
    "measure_viable",
    "pyradiomics_shape",
    "relative_enhancement",
    "sample_lesion",
    "shell_mm",
    "slice_step_mm",
    "subtract_native",
    "subtract_series",
]

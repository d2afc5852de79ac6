"""Teaching: the digital case, a phantom patient with known truth."""

from liverseg.teach.anatomy import LANDMARKS
from liverseg.teach.cases import case_findings
from liverseg.teach.paint import render_series
from liverseg.teach.plan import (
    PlannedExam,
    PlannedSeries,
    PlantedLesion,
    Variant,
    plan_case,
    planted_lesions,
)
from liverseg.teach.truth import PartMeans, TrueMasks, true_masks, true_means

__all__ = [
    "LANDMARKS",
    "PartMeans",
    "PlannedExam",
    "PlannedSeries",
    "PlantedLesion",
    "TrueMasks",
    "Variant",
    "case_findings",
    "plan_case",
    "planted_lesions",
    "render_series",
    "true_masks",
    "true_means",
]

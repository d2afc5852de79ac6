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
from liverseg.teach.scene_parts import PartDepths
from liverseg.teach.scenes import PatternScene, pattern_entities, pattern_scene
from liverseg.teach.shapes import Lattice
from liverseg.teach.truth import PartMeans, TrueMasks, true_masks, true_means

__all__ = [
    "LANDMARKS",
    "Lattice",
    "PartDepths",
    "PartMeans",
    "PatternScene",
    "PlannedExam",
    "PlannedSeries",
    "PlantedLesion",
    "TrueMasks",
    "Variant",
    "case_findings",
    "pattern_entities",
    "pattern_scene",
    "plan_case",
    "planted_lesions",
    "render_series",
    "true_masks",
    "true_means",
]

"""The main job and its steps joined; script, command line and plugin call these."""

from liverseg.teach import Variant
from liverseg.workflow.content import report_content, write_outputs
from liverseg.workflow.deidentify import Deidentification, FileFate, Outcome, deidentify_folder
from liverseg.workflow.delineate import (
    DelineateRequest,
    Drawn,
    delineate_exam,
    delineate_path,
    exam_images,
    require_ending,
    write_mask,
)
from liverseg.workflow.demo import make_digital_case, run_demo
from liverseg.workflow.describe import (
    LesionDescription,
    describe_case,
    describe_exam,
    save_intervals,
)
from liverseg.workflow.edit import (
    add_lesion,
    load_exam,
    remove_lesion,
    reread_masks,
    update_lesion,
)
from liverseg.workflow.lone import measure_masks
from liverseg.workflow.measure import measure_exam
from liverseg.workflow.outputs import staged
from liverseg.workflow.privacy_report import (
    deidentification_json,
    deidentification_text,
    require_map_place,
    write_map,
)
from liverseg.workflow.request import (
    CaseRequest,
    PlacedPath,
    case_request,
    parse_phase_override,
    parse_placed_path,
)
from liverseg.workflow.run import run_case

__all__ = [
    "CaseRequest",
    "Deidentification",
    "DelineateRequest",
    "Drawn",
    "FileFate",
    "LesionDescription",
    "Outcome",
    "PlacedPath",
    "Variant",
    "add_lesion",
    "case_request",
    "deidentification_json",
    "deidentification_text",
    "deidentify_folder",
    "delineate_exam",
    "delineate_path",
    "describe_case",
    "describe_exam",
    "exam_images",
    "load_exam",
    "make_digital_case",
    "measure_exam",
    "measure_masks",
    "parse_phase_override",
    "parse_placed_path",
    "remove_lesion",
    "report_content",
    "require_ending",
    "require_map_place",
    "reread_masks",
    "run_case",
    "run_demo",
    "save_intervals",
    "staged",
    "update_lesion",
    "write_map",
    "write_mask",
    "write_outputs",
]

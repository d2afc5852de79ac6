"""The main job and its steps joined; script, command line and plugin call these."""

from liverseg.teach import Variant
from liverseg.workflow.content import report_content, write_outputs
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
    portray,
    save_intervals,
)
from liverseg.workflow.edit import (
    add_lesion,
    load_exam,
    remove_lesion,
    reread_masks,
    update_lesion,
)
from liverseg.workflow.findings import findings_of, update_findings
from liverseg.workflow.lone import measure_masks
from liverseg.workflow.measure import measure_exam
from liverseg.workflow.outputs import staged
from liverseg.workflow.request import (
    CaseRequest,
    PlacedPath,
    case_request,
    parse_phase_override,
    parse_placed_path,
)
from liverseg.workflow.run import run_case
from liverseg.workflow.segments import (
    case_volumes,
    correct_couinaud,
    divide_exam,
    exam_volumes,
    update_couinaud,
    update_landmarks,
)

__all__ = [
    "CaseRequest",
    "DelineateRequest",
    "Drawn",
    "LesionDescription",
    "PlacedPath",
    "Variant",
    "add_lesion",
    "case_request",
    "case_volumes",
    "correct_couinaud",
    "delineate_exam",
    "delineate_path",
    "describe_case",
    "describe_exam",
    "divide_exam",
    "exam_images",
    "exam_volumes",
    "findings_of",
    "load_exam",
    "make_digital_case",
    "measure_exam",
    "measure_masks",
    "parse_phase_override",
    "parse_placed_path",
    "portray",
    "remove_lesion",
    "report_content",
    "require_ending",
    "reread_masks",
    "run_case",
    "run_demo",
    "save_intervals",
    "staged",
    "update_couinaud",
    "update_findings",
    "update_landmarks",
    "update_lesion",
    "write_mask",
    "write_outputs",
]

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
    save_intervals,
)
from liverseg.workflow.draw import (
    RESHAPING,
    Redrawn,
    correct_lesion,
    draw_lesion,
    reshape_lesion,
)
from liverseg.workflow.edit import (
    add_lesion,
    find_lesion,
    load_exam,
    remove_lesion,
    reread_masks,
    set_calipers,
    update_lesion,
)
from liverseg.workflow.history import Undone, lesions_before, redo, undo
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

__all__ = [
    "RESHAPING",
    "CaseRequest",
    "DelineateRequest",
    "Drawn",
    "LesionDescription",
    "PlacedPath",
    "Redrawn",
    "Undone",
    "Variant",
    "add_lesion",
    "case_request",
    "correct_lesion",
    "delineate_exam",
    "delineate_path",
    "describe_case",
    "describe_exam",
    "draw_lesion",
    "exam_images",
    "find_lesion",
    "lesions_before",
    "load_exam",
    "make_digital_case",
    "measure_exam",
    "measure_masks",
    "parse_phase_override",
    "parse_placed_path",
    "redo",
    "remove_lesion",
    "report_content",
    "require_ending",
    "reread_masks",
    "reshape_lesion",
    "run_case",
    "run_demo",
    "save_intervals",
    "set_calipers",
    "staged",
    "undo",
    "update_lesion",
    "write_mask",
    "write_outputs",
]

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
    put_mask,
    remove_lesion,
    renew_case,
    renew_exam,
    reread_masks,
    set_calipers,
    take_out,
    update_lesion,
)
from liverseg.workflow.findings import findings_of, update_findings
from liverseg.workflow.handing_on import hand_on, planned_files
from liverseg.workflow.history import Undone, changed_lesions, lesions_before, redo, turn_work, undo
from liverseg.workflow.lone import measure_masks
from liverseg.workflow.measure import Ruler, measure_exam
from liverseg.workflow.move import (
    SuggestedMove,
    find_series,
    move_lesion,
    put_move,
    suggest_move,
)
from liverseg.workflow.narrate import Narrator, portray
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
from liverseg.workflow.segments import (
    case_volumes,
    correct_couinaud,
    divide_exam,
    exam_volumes,
    update_couinaud,
    update_landmarks,
)
from liverseg.workflow.study_case import (
    ExamPlan,
    FoundStudy,
    add_liver,
    find_study,
    make_study_case,
    plan_exam,
    suggest_case_path,
)

__all__ = [
    "RESHAPING",
    "CaseRequest",
    "Deidentification",
    "DelineateRequest",
    "Drawn",
    "ExamPlan",
    "FileFate",
    "FoundStudy",
    "LesionDescription",
    "Narrator",
    "Outcome",
    "PlacedPath",
    "Redrawn",
    "Ruler",
    "SuggestedMove",
    "Undone",
    "Variant",
    "add_lesion",
    "add_liver",
    "case_request",
    "case_volumes",
    "changed_lesions",
    "correct_couinaud",
    "correct_lesion",
    "deidentification_json",
    "deidentification_text",
    "deidentify_folder",
    "delineate_exam",
    "delineate_path",
    "describe_case",
    "describe_exam",
    "divide_exam",
    "draw_lesion",
    "exam_images",
    "exam_volumes",
    "find_lesion",
    "find_series",
    "find_study",
    "findings_of",
    "hand_on",
    "lesions_before",
    "load_exam",
    "make_digital_case",
    "make_study_case",
    "measure_exam",
    "measure_masks",
    "move_lesion",
    "parse_phase_override",
    "parse_placed_path",
    "plan_exam",
    "planned_files",
    "portray",
    "put_mask",
    "put_move",
    "redo",
    "remove_lesion",
    "renew_case",
    "renew_exam",
    "report_content",
    "require_ending",
    "require_map_place",
    "reread_masks",
    "reshape_lesion",
    "run_case",
    "run_demo",
    "save_intervals",
    "set_calipers",
    "staged",
    "suggest_case_path",
    "suggest_move",
    "take_out",
    "turn_work",
    "undo",
    "update_couinaud",
    "update_findings",
    "update_landmarks",
    "update_lesion",
    "write_map",
    "write_mask",
    "write_outputs",
]

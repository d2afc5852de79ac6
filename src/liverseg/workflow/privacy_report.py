"""What a de-identification did, for people and programs: never an old value, never a name."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liverseg.errors import InputError
from liverseg.privacy import Dates, KeyRing
from liverseg.tables import load_table
from liverseg.workflow.outputs import write_json

if TYPE_CHECKING:
    from liverseg.workflow.deidentify import Deidentification

DICOM_FOLDER = "dicom"
REPORTS = ("privacy_report.json", "privacy_report.txt")


def deidentification_json(
    done: Deidentification, *, with_identifiers: bool = False
) -> dict[str, Any]:
    """The report as JSON-ready values; ``written + skipped + refused`` equals ``files``.

    `with_identifiers` adds ``entries`` with the names of the input files, which often
    hold names of people or old UIDs.
    """
    counts = {name: sum(f.outcome == name for f in done.fates) for name in _OUTCOMES}
    report: dict[str, Any] = {
        "files": len(done.fates),
        **counts,
        "patients": done.patients,
        "studies": done.studies,
        "series": done.series,
        "profile": "DICOM PS3.15 annex E, Basic Application Level Confidentiality Profile",
        "options": {
            "dates": str(done.options.dates),
            "dates_shifted_by": _shifted_by(done),
            "clean_descriptors": done.options.clean_descriptors,
            "pass_burned_in": done.options.pass_burned_in,
        },
        "key": "kept by the user" if done.is_key_kept else "made for this run and not kept",
        "not_written": [
            {"outcome": outcome, "reason": reason, "files": count}
            for (outcome, reason), count in sorted(done.reasons().items())
        ],
        "warnings": [
            {"reason": reason, "files": count} for reason, count in sorted(done.warnings.items())
        ],
        "actions": [
            {"attribute": name, "action": action, "count": count}
            for (name, action), count in sorted(done.actions.items())
        ],
        "tables": {
            name: load_table(name).digest
            for name in ("deidentify_rules", "description_words", "burned_in_risks")
        },
    }
    if with_identifiers:
        report["entries"] = [
            {
                "path": fate.path,
                "state": str(fate.outcome),
                "reason": fate.reason,
                "written": fate.written,
            }
            for fate in done.fates
        ]
    return report


_OUTCOMES = ("written", "skipped", "refused")


def deidentification_text(done: Deidentification) -> str:
    """The report for people."""
    report = deidentification_json(done)
    lines = [
        f"{report['files']} files: "
        + ", ".join(f"{report[outcome]} {outcome}" for outcome in _OUTCOMES),
        f"{done.patients} patients, {done.studies} studies, {done.series} series written",
        f"Profile: {report['profile']}",
        f"Dates: {done.options.dates}"
        + (f" ({report['options']['dates_shifted_by']})" if _shifted_by(done) else ""),
        "Descriptions: "
        + ("known words kept" if done.options.clean_descriptors else "removed by the profile"),
        f"Key: {report['key']}",
        "",
    ]
    if report["not_written"]:
        lines += ["Not written:"]
        lines += [f"  {row['files']:6}  {row['reason']}" for row in report["not_written"]]
        lines.append("")
    if report["warnings"]:
        lines += ["Written although it is doubtful; look at these pictures before sharing:"]
        lines += [f"  {row['files']:6}  {row['reason']}" for row in report["warnings"]]
        lines.append("")
    lines.append("Done to attributes:")
    lines += [
        f"  {row['count']:6}  {row['attribute']}: {row['action']}" for row in report["actions"]
    ]
    return "\n".join(lines) + "\n"


def write_reports(done: Deidentification, folder: Path) -> None:
    """Write ``privacy_report.json`` and ``privacy_report.txt``."""
    write_json(deidentification_json(done), folder / REPORTS[0])
    (folder / REPORTS[1]).write_text(deidentification_text(done), encoding="utf-8")


def write_map(done: Deidentification, keys: KeyRing, path: Path) -> None:
    """Write the way back: old to new UIDs, patients and files. Only its owner may read it.

    The file names people: it is written on request alone, and never into an output.
    """
    by_key = done.options.shift_days is None
    content = {
        "notice": "This file undoes the de-identification. Keep it apart from the images.",
        "patients": [
            {
                "patient": [part for part in old.split("\0") if part],
                "pseudonym": new,
                "shift_days": _days(done, keys.shift_days(old) if by_key else None),
            }
            for old, new in keys.patients.items()
        ],
        "uids": keys.uids,
        "files": {fate.path: fate.written for fate in done.fates if fate.written},
    }
    # mkstemp makes a file that only its owner can read.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def require_map_place(path: Path, out: Path, *, overwrite: bool) -> None:
    """Raise `InputError` for a map that would lie in the output, or replace a file unasked."""
    if path.resolve().is_relative_to(out.resolve()):
        raise InputError(
            "the map back would lie in the folder that is shared",
            where=str(path),
            remedy="name a file outside the output folder",
        )
    if path.exists() and not overwrite:
        raise InputError(
            "there is a file already", where=str(path), remedy="name another, or pass --overwrite"
        )
    if not path.parent.is_dir():
        raise InputError("its folder does not exist", where=str(path), remedy="make it first")


def _shifted_by(done: Deidentification) -> str:
    if done.options.dates is not Dates.SHIFTED:
        return ""
    if done.options.shift_days is None:
        return "a number of days for each patient, derived from the key"
    return "the number of days that was given"


def _days(done: Deidentification, derived: int | None) -> int | None:
    if done.options.dates is not Dates.SHIFTED:
        return None
    return done.options.shift_days if derived is None else derived

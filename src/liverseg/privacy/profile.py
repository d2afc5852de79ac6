"""The confidentiality profile as a decision: what becomes of one attribute.

Source: DICOM PS3.15 table E.1-1. Where the table leaves a choice that depends on the kind
of object (X/Z, X/D, Z/D, X/Z/D), the last is taken: an empty or dummy value tells as
little as none, and an attribute that an object must have is still there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from liverseg.privacy.options import Dates, Options
from liverseg.tables import load_records, load_table


class Action(StrEnum):
    """What is done to an attribute; the words stand in the report."""

    KEEP = "kept"
    REMOVE = "removed"
    EMPTY = "emptied"
    DUMMY = "replaced by a dummy"
    UID = "replaced by a new UID"
    PSEUDONYM = "replaced by a pseudonym"
    SHIFT = "shifted"
    CLEAN = "cleaned"
    RECURSE = "looked into"


@dataclass(frozen=True)
class Rule:
    """One line of the table."""

    basic: str
    clean_descriptors: bool
    dates: bool


_BASIC = {"X": Action.REMOVE, "Z": Action.EMPTY, "D": Action.DUMMY, "U": Action.UID}
_PSEUDONYMS = (0x00100010, 0x00100020)
_DATE_VRS = ("DA", "DT", "TM")


@cache
def profile() -> dict[int, Rule]:
    """The table by tag."""
    return {
        int(row["tag"], 16): Rule(
            row["basic"], row["clean_descriptors"] == "C", row["dates"] == "C"
        )
        for row in load_records("confidentiality_profile")
    }


def decide(tag: int, vr: str, keyword: str, options: Options) -> Action:
    """What becomes of a standard attribute that is not private and known by name.

    An attribute that the table does not list is kept, with three exceptions for which it
    cannot have been meant: names of persons, dates and times, and UIDs of instances.
    """
    if keyword in load_table("deidentify_rules")["also_removed"].value:
        return Action.REMOVE
    rule = profile().get(tag)
    if rule is None:
        return _unlisted(vr, keyword, options)
    if tag in _PSEUDONYMS:
        return Action.PSEUDONYM
    if rule.clean_descriptors and options.clean_descriptors and is_cleaned(keyword):
        return Action.CLEAN
    return (rule.dates and _longitudinal(vr, options)) or _basic(rule, vr)


def _longitudinal(vr: str, options: Options) -> Action | None:
    """What an option that retains dates does; None where the basic profile holds."""
    if options.dates is Dates.KEPT:
        return Action.KEEP
    if options.dates is Dates.SHIFTED and vr in _DATE_VRS:
        # Whole days are moved: a time of day stays.
        return Action.KEEP if vr == "TM" else Action.SHIFT
    return None


def _basic(rule: Rule, vr: str) -> Action:
    if rule.basic.endswith("U*"):
        return Action.RECURSE if vr == "SQ" else Action.UID
    if rule.basic == "D" and vr == "UI":
        return Action.UID
    return _BASIC[rule.basic.rsplit("/", 1)[-1]]


def is_descriptor(tag: int) -> bool:
    """Whether the table calls this a description, which names nobody by itself."""
    rule = profile().get(tag)
    return rule is not None and rule.clean_descriptors


def is_cleaned(keyword: str) -> bool:
    """Whether the known words of this description may stay."""
    return keyword in load_table("deidentify_rules")["clean"].value


def _unlisted(vr: str, keyword: str, options: Options) -> Action:
    if vr in _DATE_VRS:
        return _longitudinal(vr, options) or Action.DUMMY
    if vr == "UI":
        endings = tuple(load_table("deidentify_rules")["kept_uids"].value)
        return Action.KEEP if keyword.endswith(endings) else Action.UID
    return {"SQ": Action.RECURSE, "PN": Action.EMPTY}.get(vr, Action.KEEP)

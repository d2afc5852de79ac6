"""What a de-identification keeps: the options of PS3.15 that are built."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from liverseg.errors import InputError
from liverseg.tables import load_table


class Dates(StrEnum):
    """What becomes of dates and times.

    REMOVED: the basic profile's action (emptied, taken out or a dummy). KEPT: as they
    are (option Retain Longitudinal Temporal Information with Full Dates). SHIFTED: moved
    by the same number of whole days for all files of a patient (option with Modified
    Dates); times of day stay, so intervals within and between exams stay true.
    """

    REMOVED = "removed"
    KEPT = "kept"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class Options:
    """How to de-identify.

    `shift_days` is the shift of `Dates.SHIFTED` given by hand; None takes one for each
    patient from the key. `clean_descriptors` keeps the known words of a few descriptions
    (option Clean Descriptors); without it they go as the basic profile says.
    `pass_burned_in` writes images that may show a name in their pixels. Raises
    `InputError` for a shift of 0 days or of more than a hundred years.
    """

    dates: Dates = Dates.REMOVED
    shift_days: int | None = None
    clean_descriptors: bool = True
    pass_burned_in: bool = False

    def __post_init__(self) -> None:
        if self.shift_days is None:
            return
        largest = int(load_table("deidentify_rules").number("shift_largest_days"))
        if self.shift_days == 0:
            raise InputError(
                "a shift of 0 days leaves every date as it is",
                where="--shift-dates 0",
                remedy="give another number, or say --keep-dates if that is meant",
            )
        if abs(self.shift_days) > largest:
            raise InputError(
                f"a shift of {self.shift_days} days is taken for a mistake",
                where="--shift-dates",
                remedy=f"give at most {largest} days either way",
            )

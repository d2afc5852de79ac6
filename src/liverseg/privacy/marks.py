"""Say in a data set that it was de-identified, and how (PS3.15 E.1.1, PS3.3 C.12.1.1.1)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from liverseg.privacy.options import Dates, Options
from liverseg.tables import load_table

_LONGITUDINAL = {
    Dates.REMOVED: "REMOVED",
    Dates.KEPT: "UNMODIFIED",
    Dates.SHIFTED: "MODIFIED",
}


def mark(dataset: Dataset, options: Options) -> None:
    """Add the attributes that tell of the de-identification, beside those of an earlier one."""
    codes = method_codes(options)
    earlier = _earlier_codes(dataset)
    dataset.PatientIdentityRemoved = "YES"
    if not (options.dates is Dates.KEPT and _was_modified(dataset)):
        dataset.LongitudinalTemporalInformationModified = _LONGITUDINAL[options.dates]
    dataset.DeidentificationMethod = [f"liverseg: {meaning}"[:64] for _, meaning in codes]
    listed = [*earlier, *codes]
    dataset.DeidentificationMethodCodeSequence = [
        _code(value, meaning) for value, meaning in dict.fromkeys(listed)
    ]


def method_codes(options: Options) -> tuple[tuple[str, str], ...]:
    """Code value and meaning of the profile and the options that were used."""
    names = ["basic"]
    names += ["clean_descriptors"] if options.clean_descriptors else []
    names += {Dates.KEPT: ["full_dates"], Dates.SHIFTED: ["modified_dates"]}.get(options.dates, [])
    rows = [load_table("confidentiality_codes")[name] for name in names]
    return tuple((str(row.value), str(row.more["meaning"])) for row in rows)


def _was_modified(dataset: Dataset) -> bool:
    """Whether dates were shifted or removed earlier: keeping them does not undo that."""
    try:
        stated = str(dataset.get("LongitudinalTemporalInformationModified") or "")
    except Exception:  # noqa: BLE001 - a damaged element says nothing
        return False
    return stated.strip() in (_LONGITUDINAL[Dates.SHIFTED], _LONGITUDINAL[Dates.REMOVED])


def _earlier_codes(dataset: Dataset) -> list[tuple[str, str]]:
    """Codes of an earlier de-identification: those of DCM alone, free text may be anything."""
    try:
        items = list(dataset.get("DeidentificationMethodCodeSequence") or ())
        found = [
            (str(item.CodeValue), str(item.CodeMeaning))
            for item in items
            if item.get("CodingSchemeDesignator") == "DCM"
        ]
    except Exception:  # noqa: BLE001 - a damaged sequence says nothing
        return []
    return [pair for pair in found if pair[0].isdecimal()]


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = meaning
    return item

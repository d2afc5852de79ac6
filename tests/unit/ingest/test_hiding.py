"""Names, birth dates and identifiers in texts: found however they are written, and only they."""

from __future__ import annotations

import dicom_factory as make
import patient_files as given
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from liverseg.ingest import HIDDEN, hide, scan_folder
from liverseg.ingest.hiding import identity_marks


def marks(name="Müller-Lüdenscheidt^Hans", patient="KH-7719304", birth="19431217", **more):
    ds = Dataset()
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = name, patient, birth
    for keyword, value in more.items():
        setattr(ds, keyword, value)
    return identity_marks(ds)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Leber Müller spät", "Leber [hidden] spät"),
        ("MULLER_HANS/IM_0001", "[hidden]_[hidden]/IM_0001"),
        ("CT of HansMüller", "CT of [hidden][hidden]"),
        ("mullerludenscheidthans", "[hidden]"),
        ("Lüdenscheidt", "[hidden]"),
        ("id KH7719304, kh_7719304; 7719304", "id [hidden], [hidden]; [hidden]"),
        ("born 17.12.1943 (1943-12-17, 171243)", "born [hidden] ([hidden], [hidden])"),
        ("12/17/1943", "[hidden]"),
        ("Hansen 77193040 1943", "Hansen 77193040 1943"),
        ("1.2.840.17.12.1943.5", "1.2.840.17.12.1943.5"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_name_is_found_in_every_spelling_and_nothing_else(text, hidden):
    assert hide(text, marks()) == hidden


@pytest.mark.parametrize("name", ["Liver^Test", "anonymous", "PHANTOM", "", "HFS"])
def test_a_name_that_is_no_name_hides_nothing(name):
    assert marks(name, "42", "") == ()


def test_a_code_in_the_place_of_a_name_is_hidden_whole():
    found = marks("CRLM-CT-1006", "CRLM-CT-1006", "")
    assert hide("crlm1006/CRLM-CT-1006/x", found) == "crlm1006/[hidden]/x"


def test_other_identifiers_count_too():
    found = marks(OtherPatientIDs=["OLD-118822", "B"], AccessionNumber="ACC5529817")
    assert hide("old 118822 of acc5529817", found) == "[hidden] of [hidden]"


@drawn(st.text(max_size=60))
def test_without_marks_a_text_is_itself_and_with_them_only_parts_are_replaced(text):
    assert hide(text, ()) == text
    found = marks()
    shown = hide(text, found)
    assert hide(shown, found) == shown
    pieces = shown.split(HIDDEN)
    at = 0
    for piece in pieces:
        at = text.index(piece, at) + len(piece)


def test_files_whose_names_become_equal_stay_apart(tmp_path):
    for index, name in enumerate((given.NAME, given.GIVEN)):
        ds = given.patient_slice(
            make.ramp(1)[0], position=(0, 0, 2.5 * index), InstanceNumber=index
        )
        make.save(ds, tmp_path / f"{name}.dcm")
    ledger = scan_folder(tmp_path)
    assert sorted(entry.path for entry in ledger.entries) == ["[hidden].dcm", "[hidden].dcm (2)"]

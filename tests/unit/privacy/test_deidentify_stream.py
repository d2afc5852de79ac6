"""One file: everything that names the patient goes, everything that is image stays."""

from __future__ import annotations

import io

import numpy as np
import patient_files as given
import pytest
from dicom_factory import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    dcmread,
    enhanced_mr,
    fill_pixels,
    image,
    ramp,
    save,
)
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from liverseg.privacy import Cleaned, Dates, KeyRing, Options, Refused, deidentify_stream
from liverseg.privacy.echoes import Echoes
from liverseg.tables import load_records, load_table

KEY = b"a key of at least sixteen bytes"
POSITION = (-10, -20, 30)


def deidentified(path, options=None, key=KEY) -> tuple[Cleaned, Dataset]:
    with path.open("rb") as stream:
        found = deidentify_stream(stream, options or Options(), KeyRing(key))
    assert isinstance(found, Cleaned), found
    return found, dcmread(io.BytesIO(found.data))


def refusal(path, options=None) -> str:
    with path.open("rb") as stream:
        found = deidentify_stream(stream, options or Options(), KeyRing(KEY))
    assert isinstance(found, Refused)
    return found.reason


def patient(tmp_path, *, syntax=ExplicitVRLittleEndian, **elements):
    ds = given.patient_slice(ramp(1)[0], position=POSITION, **elements)
    given.add_private(ds)
    given.add_unknown(ds)
    return save(ds, tmp_path / "in.dcm", syntax=syntax)


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
@pytest.mark.parametrize("dates", list(Dates))
def test_no_secret_is_left_and_the_pixels_and_their_syntax_are_the_same(tmp_path, syntax, dates):
    path = patient(tmp_path, syntax=syntax)
    found, after = deidentified(path, Options(dates))
    before = dcmread(path)
    plain = io.BytesIO()
    after.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax == DeflatedExplicitVRLittleEndian:
        after.save_as(plain, implicit_vr=False, little_endian=True)
    for secret in (*given.SECRETS, given.STUDY_UID):
        for spelled in (secret, secret.upper(), secret.lower()):
            assert spelled.encode() not in found.data + plain.getvalue()
    assert after["PixelData"].value == before["PixelData"].value
    assert dcmread(io.BytesIO(found.data)).file_meta.TransferSyntaxUID == syntax


def test_private_unknown_and_nested_attributes_are_dealt_with(tmp_path):
    found, after = deidentified(patient(tmp_path))
    assert not [tag for tag in after.keys() if tag.is_private]  # noqa: SIM118
    assert 0x00104000 not in after
    assert 0x00200FF0 not in after
    assert "OriginalAttributesSequence" not in after
    assert "OtherPatientIDsSequence" not in after
    (reference,) = after.ReferencedImageSequence
    assert reference.ReferencedSOPInstanceUID == KeyRing(KEY).uid(given.STUDY_UID + ".3.77")
    assert reference.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert found.actions["private attribute", "removed"] >= 3
    assert found.actions["unknown attribute", "removed"] == 1


def test_a_value_of_unknown_representation_that_is_kept_is_written_with_its_own(tmp_path):
    ds = image(ramp(1)[0], position=POSITION)
    ds[0x00180060] = ds.data_element("PatientID").__class__(0x00180060, "UN", b"120 ")
    _, after = deidentified(save(ds, tmp_path / "x"))
    assert after["KVP"].VR == "DS"
    assert after.KVP == 120


def test_a_name_in_a_description_goes_and_the_words_of_the_phase_stay(tmp_path):
    _, after = deidentified(patient(tmp_path))
    assert after.SeriesDescription == "LEBER ARTERIELL 5 MM"
    assert after.StudyDescription == "CT ABDOMEN"
    assert after.SoftwareVersions == "REMOVED"
    assert "ImageComments" not in after


@pytest.mark.parametrize("charset", ["ISO_IR 100", "ISO_IR 192"])
def test_a_name_with_an_umlaut_is_found_in_its_character_set(tmp_path, charset):
    path = patient(
        tmp_path,
        SpecificCharacterSet=charset,
        PatientName="Löwenmäulchen^Jörg",
        SoftwareVersions="VB17 of löwenmäulchen",
        SeriesDescription="Leber spät Jörg Löwenmäulchen",
    )
    found, after = deidentified(path)
    assert after.SoftwareVersions == "REMOVED"
    assert after.SeriesDescription == "LEBER SPAT"
    for encoding in ("latin-1", "utf-8"):
        assert "wenmäulchen".encode(encoding) not in found.data


def test_descriptions_go_by_the_basic_profile_when_asked(tmp_path):
    _, after = deidentified(patient(tmp_path), Options(clean_descriptors=False))
    assert "SeriesDescription" not in after
    assert after.ProtocolName == "REMOVED"
    assert [item.CodeValue for item in after.DeidentificationMethodCodeSequence] == ["113100"]


def test_dates_are_removed_kept_or_moved_by_the_same_days(tmp_path):
    path = patient(tmp_path)
    _, removed = deidentified(path)
    assert (removed.StudyDate, removed.AcquisitionTime) == ("", "")
    assert removed.SeriesDate == "19000101"
    assert removed.LongitudinalTemporalInformationModified == "REMOVED"
    _, kept = deidentified(path, Options(Dates.KEPT))
    assert (kept.StudyDate, kept.StudyTime) == ("20150601", "101112")
    assert kept.PatientBirthDate == ""
    assert kept.LongitudinalTemporalInformationModified == "UNMODIFIED"
    _, moved = deidentified(path, Options(Dates.SHIFTED, -31))
    assert (moved.StudyDate, moved.SeriesDate) == ("20150501", "20150501")
    assert moved.AcquisitionDateTime == "20150501101500.25"
    assert (moved.StudyTime, moved.AcquisitionTime) == ("101112", "101500")
    assert moved.LongitudinalTemporalInformationModified == "MODIFIED"


def test_dates_that_were_shifted_earlier_are_still_called_so(tmp_path):
    path = patient(tmp_path, LongitudinalTemporalInformationModified="MODIFIED")
    _, after = deidentified(path, Options(Dates.KEPT))
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"


def test_one_key_gives_one_patient_the_same_uids_and_dates_in_two_runs(tmp_path):
    path, options = patient(tmp_path), Options(Dates.SHIFTED)
    first, second = deidentified(path, options)[0], deidentified(path, options)[0]
    assert first.data == second.data
    mine, other = deidentified(path, options)[1], deidentified(path, options, KEY + b"2")[1]
    for keyword in ("PatientID", "StudyInstanceUID", "SOPInstanceUID", "StudyDate"):
        assert mine[keyword].value != other[keyword].value


def test_it_says_what_was_done_in_the_standards_codes(tmp_path):
    _, after = deidentified(patient(tmp_path), Options(Dates.SHIFTED))
    assert after.PatientIdentityRemoved == "YES"
    told = {(i.CodeValue, i.CodeMeaning) for i in after.DeidentificationMethodCodeSequence}
    assert told == {
        ("113100", "Basic Application Confidentiality Profile"),
        ("113105", "Clean Descriptors Option"),
        ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    }


def test_the_codes_are_those_of_context_group_7050():
    known = {(code.value, code.meaning) for code in codes.CID7050.concepts.values()}
    assert {(row.value, row.more["meaning"]) for row in load_table("confidentiality_codes")} < known


def test_an_earlier_de_identification_is_still_told(tmp_path):
    earlier = given.item(
        CodeValue="113111", CodingSchemeDesignator="DCM", CodeMeaning="Retain Safe Private Option"
    )
    foreign = given.item(CodeValue="1", CodingSchemeDesignator="99X", CodeMeaning=given.NAME)
    path = patient(tmp_path, DeidentificationMethodCodeSequence=Sequence([earlier, foreign]))
    _, after = deidentified(path)
    values = [i.CodeValue for i in after.DeidentificationMethodCodeSequence]
    assert values == ["113111", "113100", "113105"]


def test_preamble_file_head_and_trailing_bytes_are_not_copied(tmp_path):
    path = patient(tmp_path, DataSetTrailingPadding=given.NAME.encode())
    whole = bytearray(path.read_bytes())
    whole[:14] = given.NAME.encode()
    path.write_bytes(bytes(whole) + b"\0\0\0\0" + given.NAME.encode())
    found, after = deidentified(path)
    assert found.data[:128] == bytes(128)
    assert given.NAME.encode() not in found.data
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID


def test_overlays_and_curves_go_whole(tmp_path):
    ds = image(ramp(1)[0], position=POSITION)
    ds.add_new(0x60000010, "US", 4)
    ds.add_new(0x60003000, "OW", b"\1\0\1\0")
    ds.add_new(0x60004000, "LT", given.NAME)
    ds.add_new(0x50003000, "OW", b"\1\0")
    _, after = deidentified(save(ds, tmp_path / "x"))
    assert not [tag for tag in after.keys() if tag.group in (0x5000, 0x6000)]  # noqa: SIM118


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"BurnedInAnnotation": "YES"}, "BurnedInAnnotation YES"),
        ({"RecognizableVisualFeatures": "YES"}, "recognised"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}, "ultrasound"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.4"}, "photograph"),
        ({"Modality": "OT"}, "modality"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "saved screen"),
        ({"SamplesPerPixel": 3}, "colour"),
    ],
)
def test_pictures_that_may_show_a_name_are_written_only_when_asked(tmp_path, elements, reason):
    path = patient(tmp_path, **elements)
    assert reason in refusal(path)
    found, _ = deidentified(path, Options(pass_burned_in=True))
    assert reason in found.warning


def test_an_overlay_inside_the_pixels_is_a_risk_too(tmp_path):
    ds = image(ramp(1)[0], position=POSITION)
    ds.add_new(0x60000102, "US", 12)
    path = save(ds, tmp_path / "x")
    assert "overlay inside its pixels" in refusal(path)
    _, after = deidentified(path, Options(pass_burned_in=True))
    assert 0x60000102 not in after


@pytest.mark.parametrize(
    ("sop_class", "reason"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.33", "structured report"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "document"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "presentation state"),
        ("1.2.840.10008.5.1.4.1.1.66", "raw data"),
        ("1.3.12.2.1107.5.9.1", "private or unknown kind"),
    ],
)
def test_content_that_no_rule_can_clean_is_never_written(tmp_path, sop_class, reason):
    path = patient(tmp_path, SOPClassUID=sop_class)
    assert reason in refusal(path, Options(pass_burned_in=True))


def test_a_name_inside_the_pixel_data_is_found_and_the_file_refused(tmp_path):
    """A comment in a compressed stream is copied with it: nothing but a search finds it."""
    ds = given.patient_slice(ramp(1)[0], position=POSITION)
    fill_pixels(ds, np.frombuffer((given.NAME + "xx").encode(), np.uint8).reshape(4, 4))
    assert "still holds a removed value" in refusal(save(ds, tmp_path / "x"))


def test_every_frame_of_an_enhanced_object_is_cleaned(tmp_path):
    ds = enhanced_mr(ramp(2), positions=[(0, 0, 0), (0, 0, 2)], slopes=[1, 2])
    ds.PatientName, ds.PatientID = f"{given.NAME}^{given.GIVEN}", given.PATIENT_ID
    for frame in ds.PerFrameFunctionalGroupsSequence:
        content = given.item(
            FrameAcquisitionDateTime="20150601101500", FrameComments=f"{given.NAME} atmet"
        )
        frame.FrameContentSequence = [content]
    found, after = deidentified(save(ds, tmp_path / "x"), Options(Dates.SHIFTED, 1))
    assert given.NAME.encode() not in found.data
    for frame in after.PerFrameFunctionalGroupsSequence:
        (content,) = frame.FrameContentSequence
        assert content.FrameAcquisitionDateTime == "20150602101500"
        assert "FrameComments" not in content
    positions = [
        f.PlanePositionSequence[0].ImagePositionPatient
        for f in after.PerFrameFunctionalGroupsSequence
    ]
    assert positions == [[0, 0, 0], [0, 0, 2]]


def test_a_file_that_ends_inside_a_value_is_refused(tmp_path):
    path = patient(tmp_path)
    path.write_bytes(path.read_bytes()[:-6])
    assert "cut short" in refusal(path)


def test_an_empty_value_stays_empty(tmp_path):
    path = patient(tmp_path, AccessionNumber="", InstitutionName="", PatientName="", PatientID="")
    _, after = deidentified(path)
    for keyword in ("AccessionNumber", "InstitutionName", "PatientName", "PatientID"):
        assert after[keyword].value in ("", None)


def test_a_number_is_found_as_a_number_and_a_short_word_as_a_word():
    echoes = Echoes(values={b"123456", b"Ott"})
    assert echoes.in_text(b"see 123456.")
    assert not echoes.in_bytes(b"0123456")
    assert not echoes.in_bytes(b"1234567")
    assert echoes.in_text(b"for ott")
    assert not echoes.in_text(b"Ottawa scan")


def test_the_table_covers_the_standards_well_known_attributes():
    rows = {row["tag"]: row for row in load_records("confidentiality_profile")}
    assert len(rows) == 652
    assert rows["00100010"]["basic"] == "Z"
    assert rows["00080018"]["basic"] == "U"
    assert rows["00081030"]["clean_descriptors"] == "C"
    assert rows["00080020"]["dates"] == "C"
    assert rows["00100030"]["dates"] == ""

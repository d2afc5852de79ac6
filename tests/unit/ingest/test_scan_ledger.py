"""Every file has exactly one fate, and the reason can be read."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import dicom_factory as make
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from liverseg.errors import InputError
from liverseg.ingest import ledger_json, scan_folder, usable_series
from liverseg.records import FileState


def fate(ledger, name):
    (entry,) = [entry for entry in ledger.entries if entry.path == name]
    return entry.state.value, entry.reason


def test_a_folder_with_everything_in_it_adds_up(tmp_path):
    volume = make.ramp(4)
    make.write_series(tmp_path / "ct" / "deep", volume)
    (tmp_path / "ct" / "notes.dcm").write_text("this is no DICOM file")
    (tmp_path / "mask.nii.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "empty").write_bytes(b"")
    scout = make.image(
        volume[0], position=(0, 0, 0), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]
    )
    make.save(scout, tmp_path / "scout.dcm")
    segmentation = make.image(volume[0], position=(0, 0, 0))
    segmentation.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    make.save(segmentation, tmp_path / "seg.dcm")
    steps = []
    ledger = scan_folder(tmp_path, progress=lambda text, share: steps.append(share))
    assert steps[-1] == 1.0
    assert fate(ledger, "ct/deep/f000") == ("used", "one of 4 slices")
    assert fate(ledger, "ct/notes.dcm") == (
        "skipped",
        "is not a DICOM file, though its name ends like one",
    )
    assert fate(ledger, "mask.nii.gz")[1].startswith("is not a DICOM file but NIfTI")
    assert fate(ledger, "empty") == ("refused", "is an empty file")
    assert fate(ledger, "scout.dcm") == ("skipped", "is a localizer (scout), not part of a volume")
    assert "--lesion" in fate(ledger, "seg.dcm")[1]
    plain = json.loads(json.dumps(ledger_json(ledger)))
    assert plain["files"] == 9 == len(plain["entries"])
    assert [plain[s] for s in ("used", "split", "skipped", "refused")] == [4, 0, 4, 1]
    assert plain["series"][0]["spacing_mm"] == [2.5, 0.8, 0.7]
    assert plain["entries"][0] == {
        "path": "ct/deep/f000",
        "state": "used",
        "reason": "one of 4 slices",
        "series_uid": "1.2.3.4",
    }


def test_record_carries_the_facts_of_the_header(tmp_path):
    make.write_series(
        tmp_path,
        make.ramp(3),
        PatientName="Phantom^P3",
        SeriesNumber=7,
        SeriesDescription="CT arterial phase",
        StudyDescription="Liver",
        AcquisitionTime="000010.5",
        ContrastBolusStartTime="235940",
        ContrastBolusAgent="iohexol",
        KVP="120",
        ConvolutionKernel="B30f",
    )
    (record,) = scan_folder(str(tmp_path)).series
    assert record.is_phantom
    assert (record.date, record.number, record.unit) == ("2015-06-01", 7, "HU")
    assert record.facts.delay_s == 30.5  # over midnight
    assert record.facts.contrast_agent == "iohexol"
    assert (record.facts.kvp, record.facts.kernel) == (120.0, "B30f")
    assert len(record.patient) == 12
    assert "42" not in record.patient
    assert Path(record.slices[0].path).is_absolute()
    assert record.grid.frame_of_reference == "1.2.3.9"


def test_an_empty_patient_and_frame_stay_empty(tmp_path):
    make.write_series(tmp_path, make.ramp(3), PatientID="", FrameOfReferenceUID=None, StudyDate="")
    (record,) = scan_folder(tmp_path).series
    assert (record.patient, record.date, record.grid.frame_of_reference) == ("", "", None)
    assert not record.is_phantom


def test_a_scanner_that_fills_in_the_injection_block_is_not_believed(tmp_path):
    make.write_series(
        tmp_path,
        make.ramp(3),
        AcquisitionTime="120136",
        ContrastBolusStartTime="120000",
        ContrastBolusStopTime="120000",
        ContrastBolusVolume="0",
    )
    (record,) = scan_folder(tmp_path).series
    assert record.facts.delay_s is None
    assert "placeholder" in record.doubts[0].reason


def test_truncated_files_are_refused_and_say_how_much_is_missing(tmp_path):
    (path,) = make.write_series(tmp_path, make.ramp(1, (16, 16)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    reason = fate(scan_folder(tmp_path), "f000")
    assert reason == (
        "refused",
        "truncated: its header asks for 512 bytes of pixels, the file holds 412",
    )
    path.write_bytes(whole[: len(whole) - 524])
    assert fate(scan_folder(tmp_path), "f000") == ("refused", "has no pixel data")


def test_truncated_compressed_files_are_refused(tmp_path):
    ds = make.image(make.ramp(1)[0], position=(0, 0, 0))
    ds.PixelData = encapsulate([b"\xff\x4f" + bytes(998)])
    ds["PixelData"].is_undefined_length = True
    path = make.save(ds, tmp_path / "one", syntax=JPEG2000Lossless)
    whole = path.read_bytes()
    assert fate(scan_folder(tmp_path), "one")[0] == "used"
    path.write_bytes(whole[:-8])
    assert fate(scan_folder(tmp_path), "one")[0] == "used"  # only the closing item is missing
    path.write_bytes(whole[:-400])
    assert fate(scan_folder(tmp_path), "one")[1].startswith("truncated: a compressed fragment ends")


def test_copies_are_skipped_and_contradictions_refused(tmp_path):
    paths = make.write_series(tmp_path / "a", make.ramp(3))
    (tmp_path / "b").mkdir()
    shutil.copy(paths[0], tmp_path / "b" / "again")
    ledger = scan_folder(tmp_path)
    assert fate(ledger, "b/again") == ("skipped", "is a copy of a/f000")
    assert ledger.count(FileState.USED) == 3
    (tmp_path / "b" / "again").write_bytes(paths[0].read_bytes()[:-2] + b"\x07\x07")
    ledger = scan_folder(tmp_path)
    assert fate(ledger, "a/f000")[0] == fate(ledger, "b/again")[0] == "refused"
    assert "a/f000" in fate(ledger, "b/again")[1]
    assert ledger.count(FileState.USED) == 2


def test_the_same_image_in_another_encoding_is_a_copy(tmp_path):
    ds = make.image(make.ramp(1)[0], position=(0, 0, 0))
    make.save(ds, tmp_path / "explicit")
    make.save(ds, tmp_path / "implicit", syntax=make.ImplicitVRLittleEndian)
    assert fate(scan_folder(tmp_path), "implicit") == ("skipped", "is a copy of explicit")


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"Rows": 0}, "has no image size (Rows, Columns)"),
        ({"ImagePositionPatient": None}, "has no ImagePositionPatient"),
        ({"ImageOrientationPatient": None}, "has no ImageOrientationPatient"),
        ({"PixelSpacing": [0, 0]}, "has no PixelSpacing"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "is stored as PALETTE COLOR"),
        ({"BitsAllocated": 1}, "has 1 bits allocated a pixel"),
        ({"NumberOfFrames": 3}, "holds 3 frames without saying where each lies"),
        ({"ModalityLUTSequence": [make.Dataset()]}, "maps its values by a table"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "ImageOrientationPatient"),
    ],
)
def test_images_that_cannot_be_placed_are_refused(tmp_path, elements, reason):
    make.save(make.image(make.ramp(1)[0], position=(0, 0, 0), **elements), tmp_path / "x")
    state, said = fate(scan_folder(tmp_path), "x")
    assert state == "refused"
    assert said.startswith(reason)


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"SamplesPerPixel": 3}, "is a colour image"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "is a secondary capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.128"}, "is PET"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.12.1"}, "is no CT or MR image (SOP class X-Ray"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.3"}, "is a set of drawn contours"),
    ],
)
def test_other_objects_are_skipped_by_name(tmp_path, elements, reason):
    make.save(make.image(make.ramp(1)[0], position=(0, 0, 0), **elements), tmp_path / "x")
    state, said = fate(scan_folder(tmp_path), "x")
    assert state == "skipped"
    assert said.startswith(reason)


def test_a_series_without_series_uid_is_one_folder_with_a_doubt(tmp_path):
    for folder in ("one", "two"):
        make.write_series(tmp_path / folder, make.ramp(3), SeriesInstanceUID="", SOPInstanceUID="")
    ledger = scan_folder(tmp_path)
    assert sorted(record.key for record in ledger.series) == [
        "no-uid:one 1.2.3",
        "no-uid:two 1.2.3",
    ]
    assert all("no SeriesInstanceUID" in r.doubts[0].reason for r in ledger.series)


def test_files_without_a_head_are_read(tmp_path):
    for index in range(3):
        ds = make.image(make.ramp(1)[0], position=(0, 0, index))
        ds.save_as(tmp_path / f"old{index}", implicit_vr=True, little_endian=True)
    ledger = scan_folder(tmp_path)
    assert [e.state.value for e in ledger.entries] == ["used"] * 3


def test_paths_are_unique_over_several_roots(tmp_path):
    for parent in ("x", "y"):
        make.write_series(
            tmp_path / parent / "data", make.ramp(2), SeriesInstanceUID=f"1.{parent}"[:3]
        )
    both = scan_folder([tmp_path / "x" / "data", tmp_path / "y" / "data"])
    assert len({entry.path for entry in both.entries}) == 4
    roots = [tmp_path / "x", tmp_path / "y" / "data"]
    assert next(e.path for e in scan_folder(roots).entries) == "data/f000"
    overlapping = scan_folder([tmp_path, tmp_path / "x" / "data"])
    assert len(overlapping.entries) == 4
    single = scan_folder([tmp_path / "x" / "data" / "f000", tmp_path / "y" / "data" / "f000"])
    assert len({entry.path for entry in single.entries}) == 2


def test_a_single_file_can_be_scanned(tmp_path):
    (path,) = make.write_series(tmp_path, make.ramp(1))
    (entry,) = scan_folder(path).entries
    assert (entry.path, entry.state) == ("f000", FileState.USED)


def test_links_and_odd_files_are_named_not_followed(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(2))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    ledger = scan_folder(tmp_path)
    assert fate(ledger, "loop") == ("skipped", "is a link to a folder; links are not followed")
    assert fate(ledger, "gone") == ("skipped", "is a broken link")
    assert fate(ledger, "pipe") == ("skipped", "is not a regular file")
    assert len(ledger.entries) == 5


def test_a_name_that_is_no_text_can_still_be_written(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff")).write_bytes(b"x")
    (entry,) = scan_folder(tmp_path).entries
    assert entry.path.encode("utf-8").startswith(b"bad")


def test_nothing_to_scan_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(InputError, match="holds no files") as error:
        scan_folder(tmp_path)
    assert str(tmp_path) in str(error.value)
    with pytest.raises(InputError, match="no such file or folder"):
        scan_folder(tmp_path / "missing")
    with pytest.raises(InputError, match="no folder was given"):
        scan_folder([])


def test_a_folder_without_images_says_why(tmp_path):
    (tmp_path / "letter.dcm").write_text("dear colleague")
    with pytest.raises(InputError, match=r"letter\.dcm is not a DICOM file"):
        usable_series(scan_folder(tmp_path))
    make.write_series(tmp_path / "a", make.ramp(2))
    assert len(usable_series(scan_folder(tmp_path))) == 1


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    (path,) = make.write_series(tmp_path, make.ramp(1))

    def deny(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", deny)
    assert fate(scan_folder(tmp_path), "f000") == ("refused", "cannot be read (Permission denied)")


def test_odd_optional_elements_do_no_harm(tmp_path):
    (path,) = make.write_series(
        tmp_path, make.ramp(1), AcquisitionTime="120000", EchoTime="5", SeriesNumber=3
    )
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"120000", b"1x00!0"))
    (record,) = scan_folder(tmp_path).series
    assert record.facts.acquisition_time_s is None
    assert np.isclose(record.facts.echo_time_ms, 5)

"""Archives and DICOMDIRs: the same volumes as from a folder, and no member without a line."""

from __future__ import annotations

import struct
import zipfile
import zlib

import dicom_factory as make
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.fileset import FileSet
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from liverseg.errors import InputError
from liverseg.ingest import (
    facts_of,
    ledger_json,
    open_source,
    read_study,
    read_volume,
    scan_folder,
)


def fates(ledger):
    return {entry.path: (entry.state.value, entry.reason) for entry in ledger.entries}


def adds_up(ledger):
    plain = ledger_json(ledger)
    states = sum(plain[state] for state in ("used", "split", "skipped", "refused"))
    assert plain["files"] == len(plain["entries"]) == states
    assert len({entry.path for entry in ledger.entries}) == len(ledger.entries)
    assert all(entry.reason for entry in ledger.entries)


def pack(archive, folder, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(archive, "w", method) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder))
    return archive


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ["study.zip", "export"])
def test_an_archive_gives_the_volumes_of_its_folder(tmp_path, method, name):
    volume = make.ramp(4)
    make.write_series(tmp_path / "in" / "deep", volume)
    (tmp_path / "in" / "notes.txt").write_text("hello")
    (tmp_path / "out").mkdir()
    archive = pack(tmp_path / "out" / name, tmp_path / "in", method)
    ledger = scan_folder(tmp_path / "out")
    adds_up(ledger)
    told = fates(ledger)
    assert told[name] == ("skipped", "is a zip archive of 5 members, each listed by itself")
    assert told[f"{name}!/deep/f000"] == ("used", "one of 4 slices")
    assert told[f"{name}!/notes.txt"] == ("skipped", "is not a DICOM file")
    (packed,) = ledger.series
    (plain,) = scan_folder(tmp_path / "in").series
    one, other = read_volume(packed), read_volume(plain)
    assert np.array_equal(one.array, other.array)
    assert one.grid.distance_to_mm(other.grid) == 0
    assert packed.slices[0].path == f"{archive}!/deep/f000"
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [name]  # nothing unpacked


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1.99", "rle"])
def test_compressed_images_are_read_from_an_archive(tmp_path, syntax):
    volume = make.ramp(3)
    for index, pixels in enumerate(volume):
        ds = make.image(pixels, position=(0, 0, index))
        if syntax == "rle":
            ds.file_meta = FileMetaDataset()
            ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            ds.compress(RLELossless)
            make.save(ds, tmp_path / "in" / str(index), syntax=RLELossless)
        else:
            make.save(ds, tmp_path / "in" / str(index), syntax=UID(syntax))
    study = read_study(pack(tmp_path / "a.zip", tmp_path / "in"))
    assert np.array_equal(study.volumes[0].array, volume.astype(int) - 1024)


def test_members_are_streams_like_files(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, 300_000).astype(np.uint8).tobytes()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x").write_bytes(content)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        name = f"{pack(tmp_path / f'{method}.zip', tmp_path / 'in', method)}!/x"
        assert facts_of(name).size == len(content)
        with open_source(name) as stream:
            assert stream.seek(0, 2) == len(content)
            assert stream.seek(-10, 2) == len(content) - 10
            assert stream.read(100) == content[-10:]
            assert stream.seek(123_456) == stream.tell()
            assert stream.read(77) == content[123_456 : 123_456 + 77]
            stream.seek(0)
            assert stream.read() == content
    with pytest.raises(FileNotFoundError):
        open_source(f"{tmp_path / '0.zip'}!/y")
    assert facts_of(f"{tmp_path / '0.zip'}!/y") is None
    assert facts_of(str(tmp_path / "gone")) is None


def test_a_folder_whose_name_ends_in_a_mark_is_a_folder(tmp_path):
    make.write_series(tmp_path / "odd!" / "a", make.ramp(2))
    ledger = scan_folder(tmp_path)
    assert [e.path for e in ledger.entries] == ["odd!/a/f000", "odd!/a/f001"]
    assert read_volume(ledger.series[0]).array.shape == (2, 4, 5)


def test_members_that_may_not_be_opened_are_refused_by_name(tmp_path):
    image = make.write_series(tmp_path / "in", make.ramp(1))[0].read_bytes()
    archive = tmp_path / "odd.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../etc/cron", image)
        packed.writestr("/abs", image)
        packed.writestr("good", image)
        packed.writestr(zipfile.ZipInfo("bz"), image, zipfile.ZIP_BZIP2)
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("good", image)
        packed.writestr("secret", image)
        packed.writestr("inner.zip", b"PK\x03\x04 and so on")
    raw = bytearray(archive.read_bytes())
    at = raw.rindex(b"secret") - 46  # central directory entry: flags at byte 8
    assert raw[at : at + 4] == b"PK\x01\x02"
    raw[at + 8] |= 1
    archive.write_bytes(raw)
    ledger = scan_folder(tmp_path / "odd.zip")
    adds_up(ledger)
    told = fates(ledger)
    assert len(told) == 8
    for name in ("../../etc/cron", "/abs"):
        assert told[f"odd.zip!/{name}"][0] == "refused"
        assert "path traversal" in told[f"odd.zip!/{name}"][1]
    assert told["odd.zip!/good"] == ("used", "the only slice of its series")
    assert "earlier member" in told["odd.zip!/good (earlier 1)"][1]
    assert "encrypted" in told["odd.zip!/secret"][1]
    assert "not read (bzip2)" in told["odd.zip!/bz"][1]
    assert "inside an archive" in told["odd.zip!/inner.zip"][1]
    with pytest.raises(InputError, match="encrypted"):
        open_source(f"{archive}!/secret")


def bomb(path, *, stated, packed):
    """A zip of one member that states an unpacked size of its own."""
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), stated, 1, 0)
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(packed), stated, 1, 0, 0, 0, 0, 0, 0,
    )  # fmt: skip
    body = head + b"x" + packed + central + b"x"
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 47, len(body) - 47, 0)
    path.write_bytes(body + end)
    return path


def deflated(content):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def test_zip_bombs_are_refused_without_being_unpacked(tmp_path):
    bomb(tmp_path / "big.zip", stated=2_000_000_000, packed=deflated(bytes(1_000_000)))
    (entry,) = scan_folder(tmp_path / "big.zip").entries
    assert entry.state.value == "refused"
    assert "zip bomb" in entry.reason
    # One member alone: under the limit for an archive, above that for a member.
    bomb(tmp_path / "member.zip", stated=900_000_000, packed=deflated(bytes(1_000_000)))
    told = fates(scan_folder(tmp_path / "member.zip"))
    assert "zip bomb" in told["member.zip!/x"][1]


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    content = make.write_series(tmp_path / "in", make.ramp(1))[0].read_bytes()
    for name, stated in (("long", len(content) + 1000), ("short", len(content) - 9)):
        archive = bomb(tmp_path / f"{name}.zip", stated=stated, packed=deflated(content))
        told = fates(scan_folder(archive))
        # Headers are whole in both: it is found when the pixels are read.
        study = read_study(archive)
        assert study.volumes == ()
        assert fates(study.ledger)[f"{name}.zip!/x"][0] == "refused"
        assert told[f"{name}.zip!/x"][0] in ("used", "refused")


def test_overlapping_members_are_a_bomb(tmp_path):
    member = deflated(bytes(100_000))
    archive = bomb(tmp_path / "over.zip", stated=100_000, packed=member)
    raw = archive.read_bytes()
    central = raw[raw.index(b"PK\x01\x02") : raw.index(b"PK\x05\x06")]
    many = raw[: raw.index(b"PK\x01\x02")] + central * 200
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, 200, 200, len(central) * 200, raw.index(b"PK\x01\x02"), 0
    )
    archive.write_bytes(many + end)
    (entry,) = scan_folder(archive).entries
    assert "overlap" in entry.reason


def test_damaged_and_other_packings_are_named(tmp_path):
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "a.dcm.gz").write_bytes(b"\x1f\x8b\x08rest")
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1crest")
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    with zipfile.ZipFile(tmp_path / "letter.docx", "w") as packed:
        packed.writestr("word/document.xml", "<x/>")
    ledger = scan_folder(tmp_path)
    adds_up(ledger)
    told = fates(ledger)
    assert told["cut.zip"][0] == "refused"
    assert "damaged zip archive" in told["cut.zip"][1]
    assert told["a.dcm.gz"] == ("refused", "is packed (gzip) and is not opened: unpack it first")
    assert "7z" in told["a.7z"][1]
    assert told["none.zip"] == ("skipped", "is a zip archive of no members")
    assert told["letter.docx"] == ("skipped", "is not a DICOM file")
    assert len(told) == 5


def dicomdir(folder, *series):
    fileset = FileSet()
    for number, elements in enumerate(series):
        for index in range(3):
            ds = make.image(
                make.ramp(1, start=index)[0],
                position=(0, 0, index),
                InstanceNumber=index + 1,
                StudyTime="120000",
                StudyID="1",
                SeriesNumber=number,
                **{"SeriesInstanceUID": f"1.2.3.{number}", **elements},
            )
            ds.PatientName, ds.AccessionNumber = "A", ""
            ds.file_meta = FileMetaDataset()
            ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
            ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
            ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            fileset.add(ds)
    fileset.write(folder)
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "DICOMDIR")


def test_a_dicomdir_is_followed_and_what_is_missing_is_named(tmp_path):
    files = dicomdir(
        tmp_path, {}, {"PatientID": "43", "StudyInstanceUID": "1.2.4", "FrameOfReferenceUID": "1.9"}
    )
    assert len(files) == 6
    files[1].unlink()
    for path in (tmp_path, tmp_path / "DICOMDIR"):
        ledger = scan_folder(path)
        adds_up(ledger)
        told = fates(ledger)
        assert len(told) == 7
        assert told["DICOMDIR"] == (
            "skipped",
            "is a DICOMDIR: the 6 files that it lists are read themselves; 1 of them are missing",
        )
        gone = files[1].relative_to(tmp_path).as_posix()
        assert told[gone] == ("refused", "is listed in DICOMDIR but is not there")
        assert len({record.patient for record in ledger.series}) == 2
        assert sum(len(record.slices) for record in ledger.series) in (3, 5)


def test_a_dicomdir_in_an_archive_and_in_other_case(tmp_path):
    disc = tmp_path / "disc"
    files = dicomdir(disc, {})
    archive = pack(tmp_path / "disc.zip", disc)
    ledger = scan_folder(archive)
    adds_up(ledger)
    assert len(ledger.entries) == 5
    assert "3 files that it lists" in fates(ledger)["disc.zip!/DICOMDIR"][1]
    assert "missing" not in fates(ledger)["disc.zip!/DICOMDIR"][1]
    for path in files:
        path.rename(path.with_name(path.name.lower()))
    for path in sorted((p for p in disc.rglob("*") if p.is_dir()), reverse=True):
        path.rename(path.with_name(path.name.lower()))
    for root in (disc, disc / "DICOMDIR"):
        ledger = scan_folder(root)
        assert ledger.count("used") == 3
        assert len(ledger.entries) == 4


def test_a_dicomdir_cannot_lead_out_of_its_folder(tmp_path):
    disc = tmp_path / "disc"
    dicomdir(disc, {})
    make.write_series(tmp_path / "private", make.ramp(1))
    directory = dcmread(disc / "DICOMDIR")
    for record in directory.DirectoryRecordSequence:
        if "ReferencedFileID" in record:
            record.ReferencedFileID = ["..", "PRIVATE", "F000"]
    directory.save_as(disc / "DICOMDIR")
    ledger = scan_folder(disc)
    adds_up(ledger)
    told = fates(ledger)
    assert told["DICOMDIR lists ../PRIVATE/F000"][0] == "refused"
    assert "leads out" in told["DICOMDIR lists ../PRIVATE/F000"][1]
    (disc / "DICOMDIR").write_bytes((disc / "DICOMDIR").read_bytes()[:700])
    adds_up(scan_folder(disc))


def test_a_study_that_is_read_says_what_could_not_be_decoded(tmp_path):
    make.write_series(tmp_path / "good", make.ramp(3), SeriesInstanceUID="1.2.3.8")
    for index, pixels in enumerate(make.ramp(2)):
        ds = make.image(pixels, position=(0, 0, index))
        ds.PixelData = encapsulate([b"this is no JPEG 2000 stream"])
        make.save(ds, tmp_path / "bad" / str(index), syntax=JPEG2000Lossless)
    assert len(scan_folder(tmp_path).series) == 2
    study = read_study(tmp_path)
    (volume,) = study.volumes
    assert (volume.unit, volume.phase, volume.series_uid) == ("HU", "undetermined", "1.2.3.8")
    assert volume.grid.shape == volume.array.shape == (3, 4, 5)
    adds_up(study.ledger)
    assert len(study.ledger.series) == 1
    for name in ("bad/0", "bad/1"):
        state, reason = fates(study.ledger)[name]
        assert state == "refused"
        assert reason.startswith("its volume cannot be read: its pixels cannot be decoded")
        assert "(bad/" in reason


def test_a_file_of_two_volumes_is_kept_for_the_one_that_can_be_read(tmp_path, monkeypatch):
    types = [["ORIGINAL", "PRIMARY", kind, "NONE"] for kind in "MMPP"]
    ds = make.enhanced_mr(
        make.ramp(4),
        positions=[(0, 0, z) for z in (0, 1, 0, 1)],
        slopes=[1] * 4,
        types=types,
    )
    make.save(ds, tmp_path / "e")

    def fail_second(record, **_):
        if record.key.endswith("#2"):
            raise InputError("broken", where=record.slices[0].path)
        return read_volume(record)

    monkeypatch.setattr("liverseg.ingest.study.read_volume", fail_second)
    study = read_study(tmp_path)
    assert len(study.volumes) == 1
    (entry,) = study.ledger.entries
    assert entry.state.value == "split"
    assert entry.reason.endswith("; but its volume cannot be read: broken (e)")

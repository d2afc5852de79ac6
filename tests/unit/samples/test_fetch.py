"""A sample is fetched whole and right, gone on with, mended and verified."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest
from sample_store import BUCKET, PIECE, write_registry
from unit.samples.fetching import assert_nothing_looks_whole, held, with_change

from liverseg.errors import CancelledError
from liverseg.samples import (
    SampleFileState,
    fetch_sample,
    read_manifest,
    sample_named,
    verify_sample,
)
from liverseg.samples import transfer as transfer_file
from liverseg.samples.s3 import PublicStore


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(transfer_file, "sleep", lambda _seconds: None)


def test_every_file_arrives_and_says_what_it_was_compared_with(small, store, into):
    told = []
    fetched = fetch_sample(small.sample, into, progress=lambda *what: told.append(what))
    assert fetched.folder == into / "small-1"
    assert held(fetched.folder) == small.bodies
    assert fetched.received_bytes == sum(map(len, small.bodies.values()))
    assert not (into / "small-1.partial").exists()
    manifest = read_manifest(fetched.folder)
    assert manifest == fetched.manifest
    assert manifest.complete
    assert manifest.study_uid == "1.2.3"
    for file in manifest.files:
        body = (fetched.folder / file.path).read_bytes()
        assert file.sha256 == hashlib.sha256(body).hexdigest()
        assert "MD5" in file.checked_by
    folders = {path.name for path in fetched.folder.iterdir() if path.is_dir()}
    assert folders == {"01_CT_Liver_3_mm", "02_CT_Liver_2_mm"}
    licence = (fetched.folder / "LICENSE.txt").read_text(encoding="utf-8")
    assert "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/): 2 series (CT), 5 files" in (
        licence
    )
    assert "Tester T (2020). A test [Data set]. https://doi.org/10.1/test" in licence
    assert told[-1] == ("5 of 5 files, 0.1 of 0.1 MB", 1.0)
    shares = [share for _message, share in told]
    assert shares == sorted(shares)


def test_what_is_there_is_read_and_not_asked_for_again(small, store, into):
    fetch_sample(small.sample, into)
    store.log.clear()
    again = fetch_sample(small.sample, into, endpoint="http://127.0.0.1:9")
    assert again.received_bytes == 0
    assert again.manifest.complete
    assert store.log == []


def test_no_password_and_no_account_is_sent(small, store, into, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    seen = []
    store.change = lambda request, answer: (seen.append(request), answer)[1]
    fetch_sample(small.sample, into)
    assert len(seen) == 7
    assert not [name for request in seen for name in request if "AUTHORIZATION" in name]
    assert not [name for request in seen for name in request if "COOKIE" in name]


def begin(small, store, into, *, size: int) -> Path:
    """The partial folder with `size` bytes of the first object, as a killed run leaves it."""
    with PublicStore() as public:
        item = public.list_objects(BUCKET, "aa-1/")[0]
    folder = into / "small-1.partial" / "01_CT_Liver_3_mm"
    folder.mkdir(parents=True)
    part = folder / f"{item.name}.{item.etag}.part"
    part.write_bytes(small.bodies[item.key][:size])
    store.log.clear()
    return part


@pytest.mark.parametrize("size", [1, PIECE, 19_999])
def test_a_part_is_gone_on_from_where_it_ends(small, store, into, size):
    begin(small, store, into, size=size)
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    (got,) = store.gets("aa-1/0000.dcm")
    assert (got.asked_range, got.status[:3]) == (f"bytes={size}-", "206")
    assert got.sent == 20_000 - size
    assert fetched.received_bytes == sum(map(len, small.bodies.values())) - size


def test_a_part_that_has_all_bytes_is_not_asked_for(small, store, into):
    begin(small, store, into, size=20_000)
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    assert store.gets("aa-1/0000.dcm") == []


def test_a_part_of_another_version_is_not_gone_on_from(small, store, into):
    part = begin(small, store, into, size=PIECE)
    part.rename(part.with_name("0000.dcm.0123456789abcdef.part"))
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    assert not list(fetched.folder.rglob("*.part"))
    assert store.gets("aa-1/0000.dcm")[0].whole


def test_a_part_longer_than_its_object_is_begun_anew(small, store, into):
    part = begin(small, store, into, size=PIECE)
    part.write_bytes(bytes(30_000))
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies


def test_a_part_with_wrong_bytes_is_found_out_and_fetched_once_more(small, store, into):
    part = begin(small, store, into, size=PIECE)
    part.write_bytes(bytes(PIECE))
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    first, second = store.gets("aa-1/0000.dcm")
    assert (first.status[:3], second.status[:3]) == ("206", "200")


def test_a_server_that_knows_no_ranges_starts_anew(small, store, into):
    begin(small, store, into, size=PIECE)

    def whole(_status, headers, _body):
        kept = [(k, v) for k, v in headers if k.lower() not in ("content-range", "content-length")]
        body = small.bodies["aa-1/0000.dcm"]
        return "200 OK", [*kept, ("Content-Length", str(len(body)))], body

    with_change(store, "GET", "aa-1/0000.dcm", whole)
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies


def test_a_connection_that_breaks_is_gone_on_from(small, store, into):
    breaks = []

    def cut(status, headers, body):
        if len(breaks) < 2:
            breaks.append(status)
            return status, headers, body[:PIECE]
        return status, headers, body

    with_change(store, "GET", "bb-2/0001.dcm", cut)
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    ranges = [one.asked_range for one in store.gets("bb-2/0001.dcm")]
    assert ranges == ["", f"bytes={PIECE}-", f"bytes={2 * PIECE}-"]


def test_a_server_that_is_busy_is_asked_again(small, store, into):
    busy = []

    def first_busy(status, headers, body):
        busy.append(status)
        return (status, headers, body) if len(busy) > 1 else ("503 Slow Down", [], b"")

    with_change(store, "GET", "bb-2/0001.dcm", first_busy)
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    assert len(busy) == 2


def test_a_listing_of_many_pages(small, store, into, monkeypatch):
    asked = []
    plain = PublicStore._ask

    def by_two(self, method, path, *, where, **options):
        if "list-type" in options.get("params", {}):
            options["params"]["max-keys"] = "2"
            asked.append(dict(options["params"]))
        return plain(self, method, path, where=where, **options)

    monkeypatch.setattr(PublicStore, "_ask", by_two)
    fetched = fetch_sample(small.sample, into)
    assert held(fetched.folder) == small.bodies
    assert [bool(query.get("continuation-token")) for query in asked] == [False, True, False]


def test_whoever_waits_can_stop_and_go_on_later(small, store, into):
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    def until_stopped(_key: str, at: int) -> None:
        for _ in range(5000):
            if at == 0 or len(asked) > 3:
                return
            time.sleep(0.001)

    store.hold = until_stopped
    with pytest.raises(CancelledError, match="cancelled"):
        fetch_sample(small.sample, into, cancelled=cancelled)
    assert_nothing_looks_whole(into)
    store.hold = lambda _key, _at: None
    fetched = fetch_sample(small.sample, into, cancelled=lambda: False)
    assert held(fetched.folder) == small.bodies
    # What had arrived was not asked for again.
    assert fetched.received_bytes < sum(map(len, small.bodies.values()))


def test_stopping_before_anything_was_asked_for(small, store, into):
    with pytest.raises(CancelledError, match="fetching small-1 was cancelled"):
        fetch_sample(small.sample, into, cancelled=lambda: True)
    assert store.log == []
    assert_nothing_looks_whole(into)


@pytest.mark.parametrize("harm", ["delete", "cut", "turn"])
def test_a_damaged_sample_is_mended_and_only_what_is_wrong_is_fetched(small, store, into, harm):
    folder = fetch_sample(small.sample, into).folder
    (folder / "mine.txt").write_text("mine")
    path = folder / "01_CT_Liver_3_mm" / "0001.dcm"
    body = path.read_bytes()
    if harm == "delete":
        path.unlink()
    else:
        path.write_bytes(body[:-1] + (b"" if harm == "cut" else bytes([body[-1] ^ 1])))
    verified = verify_sample(folder)
    state = {"delete": "missing", "cut": "wrong size", "turn": "wrong content"}[harm]
    assert verified.wrong_files() == (("01_CT_Liver_3_mm/0001.dcm", SampleFileState(state)),)
    assert not verified.right
    store.log.clear()
    fetch_sample(small.sample, into)
    assert [one.key for one in store.gets()] == ["aa-1/0001.dcm"]
    assert held(folder) == small.bodies
    assert verify_sample(folder).right
    assert (folder / "mine.txt").read_text() == "mine"


PART_BYTES = 5 * 1024 * 1024


def put_in_parts(store, key: str, body: bytes) -> None:
    """Store an object in two parts; moto asks that all but the last have 5 MiB."""
    s3 = store.s3
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, ACL="public-read")["UploadId"]
    parts = []
    for number, piece in enumerate((body[:PART_BYTES], body[PART_BYTES:]), 1):
        done = s3.upload_part(
            Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=piece
        )
        parts.append({"ETag": done["ETag"], "PartNumber": number})
    s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
    )


@pytest.mark.parametrize("told", [True, False])
def test_an_object_stored_in_parts_is_compared_when_the_parts_are_known(
    store, tmp_path, monkeypatch, told
):
    body = os.urandom(1000) * 5250
    put_in_parts(store, "parts/0000.dcm", body)
    one = {"uid": "1.2", "modality": "SEG", "description": "", "files": [body], "prefix": "parts/"}
    monkeypatch.setenv(
        "LIVERSEG_SAMPLE_REGISTRY", str(write_registry(tmp_path / "r", "parts", [one]))
    )

    def sizes(request, answer):
        status, headers, content = answer
        kept = [
            (k, v)
            for k, v in headers
            if not k.lower().startswith(("content-length", "x-amz-checksum"))
        ]
        if "partNumber" not in request["QUERY_STRING"]:
            return status, [*kept, ("Content-Length", str(len(content)))], content
        if not told:
            return "400 Bad Request", [], b""
        size = PART_BYTES if request["QUERY_STRING"].endswith("=1") else len(body) - PART_BYTES
        return "206 Partial Content", [*kept, ("Content-Length", str(size))], b""

    store.change = sizes
    fetched = fetch_sample(sample_named("parts"), tmp_path / "out")
    (file,) = fetched.manifest.files
    assert file.etag.endswith("-2")
    assert file.checked_by == (("MD5 of parts",) if told else ())
    assert file.sha256 == hashlib.sha256(body).hexdigest()
    assert verify_sample(fetched.folder).right

"""What cannot be fetched is one error, and no folder of the sample's name."""

from __future__ import annotations

import os
import sys

import pytest
from sample_store import BUCKET
from unit.samples.fetching import assert_nothing_looks_whole, held, with_change

from liverseg.errors import InputError
from liverseg.samples import (
    fetch_sample,
    verify_sample,
)
from liverseg.samples import transfer as transfer_file


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(transfer_file, "sleep", lambda _seconds: None)


def test_a_connection_that_always_breaks(small, store, into):
    with_change(store, "GET", "bb-2/0001.dcm", lambda s, h, _body: (s, h, b""))
    with pytest.raises(InputError, match="keeps breaking") as told:
        fetch_sample(small.sample, into)
    assert told.value.where == f"s3://{BUCKET}/bb-2/0001.dcm"
    assert_nothing_looks_whole(into)


@pytest.mark.parametrize(
    ("status", "said"),
    [("500 Error", "HTTP 500"), ("403 Forbidden", "refuses access"), ("400 Bad", "HTTP 400")],
)
def test_a_server_that_refuses(small, store, into, status, said):
    with_change(store, "GET", "bb-2/0001.dcm", lambda *_answer: (status, [], b""))
    with pytest.raises(InputError, match=said):
        fetch_sample(small.sample, into)
    assert_nothing_looks_whole(into)


def test_a_wrong_checksum(small, store, into):
    def turned(status, headers, body):
        return status, headers, body[:-1] + bytes([body[-1] ^ 1])

    with_change(store, "GET", "aa-1/0001.dcm", turned)
    with pytest.raises(InputError, match="has not the checksum") as told:
        fetch_sample(small.sample, into)
    assert told.value.where == f"s3://{BUCKET}/aa-1/0001.dcm"
    assert_nothing_looks_whole(into)
    assert not list(into.glob("*/01_*/0001.dcm*"))
    store.change = lambda _request, answer: answer
    assert held(fetch_sample(small.sample, into).folder) == small.bodies


def test_an_object_that_is_missing_from_the_listing(small, store, into):
    store.delete("aa-1/0001.dcm")
    with pytest.raises(InputError, match=r"has 2 objects of series Liver / 3 mm, and .* names 3"):
        fetch_sample(small.sample, into)
    assert_nothing_looks_whole(into)


def test_an_object_that_is_listed_and_missing(small, store, into):
    with_change(store, "GET", "aa-1/0001.dcm", lambda *_answer: ("404 Not Found", [], b""))
    with pytest.raises(InputError, match="no longer has this object") as told:
        fetch_sample(small.sample, into)
    assert told.value.where == f"s3://{BUCKET}/aa-1/0001.dcm"
    assert_nothing_looks_whole(into)


def test_an_object_of_another_size_than_the_registry_says(small, store, into):
    store.put("aa-1/0001.dcm", bytes(60_000))
    with pytest.raises(InputError, match=r"has 0.10 MB in the archive, and 0.06 MB in the regis"):
        fetch_sample(small.sample, into)
    assert_nothing_looks_whole(into)


def test_an_object_that_changes_between_listing_and_fetching(small, store, into):
    def replaced(request, answer):
        if request["PATH_INFO"].endswith("/0001.dcm") and "If-Match" not in store_seen:
            store_seen.append("If-Match")
            store.change = lambda _request, kept: kept
            store.put("aa-1/0001.dcm", small.bodies["aa-1/0001.dcm"][::-1])
            return "412 Precondition Failed", [], b""
        return answer

    store_seen: list[str] = []
    store.change = replaced
    with pytest.raises(InputError, match="changed while it was fetched"):
        fetch_sample(small.sample, into)
    assert_nothing_looks_whole(into)


def test_a_server_that_sends_another_version_without_a_word(small, store, into):
    def other(status, headers, body):
        kept = [(k, v) for k, v in headers if k.lower() != "etag"]
        return status, [*kept, ("ETag", '"00000000000000000000000000000000"')], body

    with_change(store, "GET", "aa-1/0001.dcm", other)
    with pytest.raises(InputError, match="changed while it was fetched"):
        fetch_sample(small.sample, into)
    assert_nothing_looks_whole(into)


@pytest.mark.parametrize("name", ["../escaped.dcm", "a/b.dcm", ".hidden", "x" * 200])
def test_an_object_whose_name_would_leave_the_folder(small, store, into, name):
    def renamed(request, answer):
        status, headers, body = answer
        body = body.replace(b"<Key>aa-1/0001.dcm", f"<Key>aa-1/{name}".encode())
        kept = [(k, v) for k, v in headers if k.lower() != "content-length"]
        return status, [*kept, ("Content-Length", str(len(body)))], body

    store.change = renamed
    with pytest.raises(InputError, match="no file's"):
        fetch_sample(small.sample, into)
    assert not list(into.rglob("escaped*"))


def test_no_network(small, into):
    with pytest.raises(InputError, match=r"no connection to http://127.0.0.1:9: .*refused") as told:
        fetch_sample(small.sample, into, endpoint="http://127.0.0.1:9")
    assert "goes on where it stopped" in told.value.remedy
    assert_nothing_looks_whole(into)


@pytest.mark.parametrize("body", [b"<html><body>Log in</body></html>", b"Log in", b""])
def test_a_login_page_in_between(small, store, into, body):
    store.change = lambda _request, _answer: ("200 OK", [("Content-Type", "text/html")], body)
    with pytest.raises(InputError, match="does not answer like an S3 server"):
        fetch_sample(small.sample, into)
    assert_nothing_looks_whole(into)


@pytest.mark.parametrize("endpoint", ["example.org", "ftp://example.org", "https://", "s3://x"])
def test_what_is_no_address_of_a_server(small, into, endpoint):
    with pytest.raises(InputError, match="is no address of an S3 server"):
        fetch_sample(small.sample, into, endpoint=endpoint)
    assert not into.exists()


def test_a_folder_that_is_no_sample_is_left_alone(small, into):
    (into / "small-1").mkdir(parents=True)
    (into / "small-1" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="exists, and is no sample"):
        fetch_sample(small.sample, into)
    assert [path.name for path in (into / "small-1").iterdir()] == ["mine.txt"]


def test_two_damaged_folders_are_not_mixed(small, store, into):
    folder = fetch_sample(small.sample, into).folder
    (folder / "01_CT_Liver_3_mm" / "0001.dcm").unlink()
    (into / "small-1.partial").mkdir()
    with pytest.raises(InputError, match="lies beside it"):
        fetch_sample(small.sample, into)


def test_verify_of_what_is_no_sample(tmp_path):
    with pytest.raises(InputError, match=r"no manifest.json"):
        verify_sample(tmp_path)
    for text in ("{", "[]", '{"format": "other"}'):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(InputError, match="manifest cannot be read"):
            verify_sample(tmp_path)


def test_a_manifest_that_points_out_of_its_folder_is_refused(small, store, into):
    folder = fetch_sample(small.sample, into).folder
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("01_CT_Liver_3_mm/0001.dcm", "../../secret"))
    with pytest.raises(InputError, match="leaves the folder"):
        verify_sample(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="root and modes are POSIX")
def test_a_folder_that_cannot_be_written(small, store, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="the folder cannot be written: Not a directory") as told:
        fetch_sample(small.sample, tmp_path / "file" / "samples")
    assert told.value.remedy == "choose another folder with -o"
    if os.geteuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(InputError, match="Permission denied"):
            fetch_sample(small.sample, tmp_path / "closed")

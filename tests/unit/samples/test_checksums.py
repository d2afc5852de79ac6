"""Checksums of S3: which can be trusted, and that they are computed right."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.samples.checksums import Check, PartwiseMd5, check_file, object_checks, parts_of

BODY = b"123456789"
#: Check values of "123456789" for CRC-32, from the CRC catalogue of reveng.
CRC32 = "cbf43926"
MD5 = "25f9e794323b453885f5181f1b624d0b"


def encoded(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "object"
    path.write_bytes(BODY)
    return path


@pytest.mark.parametrize(
    ("etag", "headers", "names"),
    [
        (MD5, {}, ("MD5",)),
        (MD5, {"x-amz-checksum-crc32": encoded(CRC32)}, ("MD5", "CRC32")),
        (
            "unknown",
            {"x-amz-checksum-sha256": encoded(hashlib.sha256(BODY).hexdigest())},
            ("SHA-256",),
        ),
        ("unknown", {"x-amz-checksum-sha1": encoded(hashlib.sha1(BODY).hexdigest())}, ("SHA-1",)),
        ("unknown", {}, ()),
    ],
)
def test_what_s3_states_of_a_right_file_is_found_right(file, etag, headers, names):
    checked = check_file(file, object_checks(etag, headers))
    assert (checked.passed, checked.failed) == (names, ())
    assert checked.sha256 == hashlib.sha256(BODY).hexdigest()


def test_each_checksum_of_another_file_fails(file):
    headers = {
        "x-amz-checksum-crc32": encoded("00000000"),
        "x-amz-checksum-sha1": encoded("00" * 20),
        "x-amz-checksum-sha256": encoded("00" * 32),
    }
    checked = check_file(file, object_checks("0" * 32, headers))
    assert checked.passed == ()
    assert checked.failed == ("MD5", "SHA-256", "SHA-1", "CRC32")


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-server-side-encryption": "aws:kms"},
        {"x-amz-server-side-encryption": "aws:kms:dsse"},
        {"x-amz-server-side-encryption-customer-algorithm": "AES256"},
    ],
)
def test_the_etag_of_an_object_encrypted_with_a_key_is_no_md5(headers):
    assert object_checks(MD5, headers) == ()
    assert object_checks(MD5, {"x-amz-server-side-encryption": "AES256"}) == (Check("MD5", MD5),)


def test_a_checksum_of_parts_in_a_header_says_nothing_of_the_whole():
    assert object_checks("x", {"x-amz-checksum-sha256": encoded("00" * 32) + "-3"}) == ()


def test_the_etag_of_parts_needs_all_their_sizes(file):
    inner = hashlib.md5(BODY[:5]).digest() + hashlib.md5(BODY[5:]).digest()
    etag = f"{hashlib.md5(inner).hexdigest()}-2"
    assert object_checks(etag, {}) == ()
    assert object_checks(etag, {}, (9,)) == ()
    assert check_file(file, object_checks(etag, {}, (5, 4))).passed == ("MD5 of parts",)
    assert check_file(file, object_checks(etag, {}, (4, 5))).failed == ("MD5 of parts",)


@pytest.mark.parametrize(
    ("etag", "parts"), [(MD5, 0), (f"{MD5}-1", 1), (f"{MD5}-10000", 10000), ("", 0), ("x-2", 0)]
)
def test_the_number_of_parts_stands_in_the_etag(etag, parts):
    assert parts_of(etag) == parts


@given(
    parts=st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5),
    step=st.integers(1, 50),
)
def test_parts_give_the_same_whatever_the_reads_are(parts, step):
    body = b"".join(parts)
    hasher = PartwiseMd5([len(part) for part in parts])
    for at in range(0, len(body), step):
        hasher.update(body[at : at + step])
    inner = b"".join(hashlib.md5(part).digest() for part in parts)
    assert hasher.hexdigest() == f"{hashlib.md5(inner).hexdigest()}-{len(parts)}"


@given(more=st.binary(min_size=1, max_size=40))
def test_bytes_beyond_the_last_part_are_never_right(more):
    hasher = PartwiseMd5([9])
    hasher.update(BODY + more)
    inner = hashlib.md5(BODY).digest()
    right = f"{hashlib.md5(inner).hexdigest()}-1"
    assert hasher.hexdigest() != right

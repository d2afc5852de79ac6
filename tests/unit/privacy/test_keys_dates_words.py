"""What is derived from a key, dates moved by days, descriptions reduced to known words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.errors import InputError
from liverseg.privacy import KEY_VARIABLE, Dates, KeyRing, Options, load_key, random_key
from liverseg.privacy.dates import shift_text
from liverseg.privacy.words import clean_description

KEY = b"a key of at least sixteen bytes"


def test_a_key_derives_the_same_values_again_and_another_key_derives_others():
    one, same, other = KeyRing(KEY), KeyRing(KEY), KeyRing(KEY + b"!")
    for derive in (KeyRing.uid, KeyRing.pseudonym, KeyRing.shift_days):
        assert derive(one, "1.2.3") == derive(same, "1.2.3") != derive(other, "1.2.3")
        assert derive(one, "1.2.3") != derive(one, "1.2.4")


@given(st.text(min_size=1))
def test_new_uids_have_the_form_of_dicom_and_shifts_stay_within_their_bounds(old):
    ring = KeyRing(KEY)
    uid = ring.uid(old)
    assert uid.startswith("2.25.")
    assert len(uid) <= 64
    assert uid[5:].isdecimal()
    assert -3650 <= ring.shift_days(old) <= -365


def test_fresh_keys_differ():
    assert random_key() != random_key()


def test_a_key_is_read_from_its_file_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "0123456789abcdef-environment")
    (tmp_path / "key").write_text("0123456789abcdef-file\n")
    assert load_key(tmp_path / "key") == b"0123456789abcdef-file"
    assert load_key(None) == b"0123456789abcdef-environment"
    monkeypatch.delenv(KEY_VARIABLE)
    assert load_key(None) is None


@pytest.mark.parametrize("content", [b"", b"short", b"   \n"])
def test_a_short_key_is_refused_with_a_remedy(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(InputError, match=r"at least 16 are needed .* try: make one"):
        load_key(tmp_path / "key")


def test_a_missing_key_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no-such-key"):
        load_key(tmp_path / "no-such-key")


@pytest.mark.parametrize("days", [0, 40000, -40000])
def test_a_shift_that_hides_nothing_or_is_a_slip_is_refused(days):
    with pytest.raises(InputError):
        Options(Dates.SHIFTED, days)


@given(st.dates(), st.integers(-3000, 3000))
def test_a_date_moved_there_and_back_is_itself(day, days):
    text = f"{day.year:04d}{day.month:02d}{day.day:02d}"
    moved = shift_text(text, days, vr="DA")
    if moved is not None:  # it left the calendar
        assert shift_text(moved, -days, vr="DA") == text


@pytest.mark.parametrize(
    ("text", "vr", "moved"),
    [
        ("20160228", "DA", "20160229"),
        ("2016.02.28", "DA", "20160229"),
        ("20160228\\20161231", "DA", "20160229\\20170101"),
        ("20160228235959.123456-0500", "DT", "20160229235959.123456-0500"),
        ("201602", "DT", None),
        ("20160230", "DA", None),
        ("yesterday", "DA", None),
        ("99991231", "DA", None),
    ],
)
def test_dates_move_by_whole_days_or_not_at_all(text, vr, moved):
    assert shift_text(text, 1, vr=vr) == moved


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("AX T1 VIBE FS portal venous 70s", "AX T1 VIBE FS PORTAL VENOUS 70S"),
        ("HBP20min_T2w C+", "HBP 20MIN T2W C+"),
        ("CT ABDOMEN W/O CONTRAST Smith", "CT ABDOMEN W O CONTRAST"),
        ("Mrs. Jane Doe 12345678", ""),
        ("for Dr. 12 03 1950", ""),
        ("動脈相 田中", "動脈相"),
        ("Leber spät für Frau Meier", "LEBER SPAT"),
    ],
)
def test_a_description_keeps_its_known_words_alone(text, clean):
    assert clean_description(text) == clean


def test_a_known_word_that_is_also_the_name_goes():
    assert clean_description("Leber spät Herr Leber", names={"leber"}) == "SPAT"

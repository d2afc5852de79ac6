"""Whatever is wrong with a file or its place: one readable sentence, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError

EXAM = "2015-06-01_CT"
NOBODY = 65534


def told(call) -> str:
    """The message of the CaseError that `call` raises: one line with place and remedy."""
    with pytest.raises(CaseError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert " | try: " in text
    return text


@pytest.fixture
def closed(filled) -> Path:
    filled.close()
    return filled.path


def test_a_file_that_is_there_is_not_overwritten_unasked(closed):
    before = closed.read_bytes()
    assert "already a file" in told(lambda: CaseFile.create(closed, case="x"))
    assert closed.read_bytes() == before
    with CaseFile.create(closed, case="new", overwrite=True) as case:
        assert (case.case, case.exam_ids()) == ("new", ())
    assert [p.name for p in closed.parent.iterdir() if p.is_file()] == [closed.name]


def test_an_old_journal_does_not_spoil_a_new_file(closed):
    journal = closed.with_name(closed.name + "-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x01" * 2000)
    with CaseFile.create(closed, case="new", overwrite=True) as case:
        assert case.case == "new"
    assert not journal.exists()


def test_a_place_that_does_not_exist(tmp_path):
    text = told(lambda: CaseFile.create(tmp_path / "no" / "x.liverseg", case="x"))
    assert "folder that does not exist" in text
    assert "is a folder" in told(lambda: CaseFile.create(tmp_path, case="x", overwrite=True))


def test_missing_empty_and_foreign_files(tmp_path, closed):
    path = tmp_path / "x.liverseg"
    assert f"no case file of this name | where: {path}" in told(lambda: CaseFile.open(path))
    assert not path.exists()
    assert "it is a folder" in told(lambda: CaseFile.open(tmp_path))
    path.write_bytes(b"")
    assert "it is empty" in told(lambda: CaseFile.open(path))
    path.write_text("patient,lesion\n")
    assert "not a liverseg case file" in told(lambda: CaseFile.open(path))
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    assert "of another program" in told(lambda: CaseFile.open(path, read_only=True))


def test_a_newer_file_says_so_and_what_to_do(closed):
    db = sqlite3.connect(closed)
    db.execute("PRAGMA user_version = 7")
    db.close()
    text = told(lambda: CaseFile.open(closed))
    assert "version 7, written by liverseg" in text
    assert text.endswith("try: update liverseg")
    db = sqlite3.connect(closed)
    db.execute("DROP TABLE event")
    db.execute("PRAGMA user_version = 8")
    db.close()
    assert "version 8;" in told(lambda: CaseFile.open(closed))


def test_a_file_without_version_is_damaged(closed):
    db = sqlite3.connect(closed)
    db.execute("PRAGMA user_version = 0")
    db.close()
    assert "damaged" in told(lambda: CaseFile.open(closed))


@pytest.mark.parametrize("keep", [20, 90, 500, 4096, 0.5, 0.9, -1])
def test_a_truncated_file_is_damaged(closed, keep):
    data = closed.read_bytes()
    length = int(len(data) * keep) if isinstance(keep, float) else keep
    closed.write_bytes(data[:length])
    assert "damaged" in told(lambda: CaseFile.open(closed, read_only=True))


@pytest.mark.parametrize("page", range(1, 12))
def test_a_page_of_rubbish_is_noticed_on_opening_or_reading(closed, page):
    data = bytearray(closed.read_bytes())
    data[page * 4096 : (page + 1) * 4096] = os.urandom(4096)
    closed.write_bytes(data)

    def use() -> None:
        with CaseFile.open(closed) as case:
            case.stored_exam(EXAM)
            case.events()

    assert "damaged" in told(use)


def test_a_changed_byte_in_a_mask_is_noticed(filled):
    longest = "SELECT body FROM label_map ORDER BY length(body) DESC LIMIT 1"
    (body,) = filled._link.db.execute(longest).fetchone()
    data = filled.path.read_bytes()
    filled.close()
    at = data.find(body[:40])
    assert at > 0
    filled.path.write_bytes(data[: at + 30] + bytes([data[at + 30] ^ 1]) + data[at + 31 :])
    with CaseFile.open(filled.path) as case:
        assert "damaged" in told(lambda: case.stored_exam(EXAM))


def test_rows_of_another_form_are_refused(filled):
    filled._link.db.execute("UPDATE series SET body = '{\"key\": 1}'")
    with pytest.raises(CaseError, match="stored SeriesRecord is not"):
        filled.stored_exam(EXAM)
    filled._link.db.execute("UPDATE series SET body = '{'")
    assert "damaged" in told(lambda: filled.stored_exam(EXAM))


def test_a_read_only_case_reads_and_refuses_to_write(closed, make):
    with CaseFile.open(closed, read_only=True) as case:
        assert case.exam_ids() == (EXAM,)
        text = told(lambda: case.put_lesion(EXAM, make.lesion(make.grid())))
    assert "for reading only" in text


def test_a_closed_case_says_so(closed):
    case = CaseFile.open(closed)
    case.close()
    case.close()
    assert "was closed" in told(case.exam_ids)
    assert "was closed" in told(lambda: case.put_tables({}))


def test_a_failing_block_writes_nothing(filled, make):
    before = (filled.revision, filled.lesion_names(EXAM), filled.events())

    def edit() -> None:
        with filled.transaction("edit"):
            filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
            filled.put_measurements(EXAM, "L2", [make.measurement()])
            raise RuntimeError("the caller's own")

    with pytest.raises(RuntimeError, match="caller's own"):
        edit()
    assert (filled.revision, filled.lesion_names(EXAM), filled.events()) == before
    filled.put_lesion(EXAM, make.lesion(make.grid(), "L3"))
    assert filled.lesion_names(EXAM) == ("L1", "L3")


def test_a_failing_part_is_taken_back_alone(filled, make):
    def part() -> None:
        with filled.transaction("part"):
            filled.put_lesion(EXAM, make.lesion(make.grid(), "L3"))
            filled.remove_lesion(EXAM, "L9")

    with filled.transaction("edit"):
        filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
        with pytest.raises(CaseError, match="no lesion L9"):
            part()
    assert filled.lesion_names(EXAM) == ("L1", "L2")
    assert filled.events()[-1].detail == f"lesion L2 of {EXAM}"


def test_a_full_disk_leaves_the_file_as_it_was(filled, make):
    db = filled._link.db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")
    before = filled.path.read_bytes()
    big = [make.view(seed=n, dtype="<f8") for n in range(40)]
    assert "disk is full" in told(lambda: filled.put_views(EXAM, "L1", big))
    assert filled.path.read_bytes() == before
    db.execute("PRAGMA max_page_count = 1000000")
    filled.put_views(EXAM, "L1", big)
    assert len(filled.views()) == 40


def test_after_a_full_disk_the_rest_of_the_transaction_is_refused(filled, make):
    db = filled._link.db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")

    def edit() -> None:
        with filled.transaction("edit"):
            filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
            with pytest.raises(CaseError, match="disk is full"):
                filled.put_views(EXAM, "L1", [make.view(seed=n) for n in range(60)])
            filled.put_tables({"a": "b"})

    # SQLite may end the whole transaction or only the statement: never half of it is written.
    try:
        edit()
    except CaseError:
        assert filled.lesion_names(EXAM) == ("L1",)
        assert filled.tables() == {}
    else:
        assert filled.lesion_names(EXAM) == ("L1", "L2")
        assert filled.tables() == {"a": "b"}
    assert filled.views() == ()


def test_a_transaction_that_sqlite_ended_writes_nothing_more(filled, make):
    def edit() -> None:
        with filled.transaction("edit"):
            filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
            filled._link.db.execute("ROLLBACK")  # as a full disk may do
            filled.put_tables({"a": "b"})

    assert "ended by an earlier error" in told(edit)
    assert (filled.tables(), filled.lesion_names(EXAM)) == ({}, ("L1",))


def as_nobody(call) -> str:
    """What `call` returns or raises in a child process without root's rights."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            text = str(call())
        except BaseException as error:  # noqa: BLE001 - goes to the parent as text
            text = f"{type(error).__name__}: {error}"
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text


@pytest.fixture
def locked_folder(closed):
    """A folder that may be read but not written, with a case file in it."""
    folder = Path(tempfile.mkdtemp(prefix="liverseg-ro-"))
    shutil.copy(closed, folder / "case.liverseg")
    (folder / "case.liverseg").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to give up root's rights")
def test_a_folder_without_the_right_to_write(locked_folder):
    path = locked_folder / "case.liverseg"

    def read() -> str:
        with CaseFile.open(path, read_only=True) as case:
            return ",".join(case.exam_ids())

    assert as_nobody(read) == EXAM
    text = as_nobody(lambda: CaseFile.open(path))
    assert text.startswith("CaseError: the case file or its folder cannot be written to")
    assert "open it for reading only" in text
    text = as_nobody(lambda: CaseFile.create(locked_folder / "new.liverseg", case="x"))
    assert text.startswith("CaseError: the case file or its folder cannot be written to")


def test_a_file_that_was_moved_or_replaced_while_open(filled, make, tmp_path):
    kept = tmp_path / "kept.liverseg"
    shutil.move(filled.path, tmp_path / "moved.liverseg")
    text = told(lambda: filled.put_lesion(EXAM, make.lesion(make.grid(), "L2")))
    assert "moved, deleted or replaced" in text
    CaseFile.create(filled.path, case="other").close()
    assert "replaced" in told(lambda: filled.put_tables({}))
    assert filled.copy_to(kept) == kept
    with CaseFile.open(kept) as case:
        assert case.exam_ids() == (EXAM,)
    assert "already a file" in told(lambda: filled.copy_to(kept))


def test_a_copy_holds_everything(filled, tmp_path):
    filled.copy_to(tmp_path / "copy.liverseg")
    with CaseFile.open(tmp_path / "copy.liverseg") as copy:
        assert copy.events() == filled.events()
        one, other = copy.stored_exam(EXAM), filled.stored_exam(EXAM)
        assert np.array_equal(one.liver.array, other.liver.array)


def test_threads_take_turns(filled, make):
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for seed in range(5):
                with filled.transaction(f"edit {name}"):
                    filled.put_lesion(EXAM, make.lesion(make.grid(), name, seed=seed))
                    filled.put_measurements(EXAM, name, [make.measurement(lesion=name)])
                filled.stored_exam(EXAM)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(filled.lesion_names(EXAM)) == ["A", "B", "C", "L1"]
    assert filled.revision == 2 + 15

"""The study browser: in the command line, as JSON and as Parquet."""

from __future__ import annotations

import json

import dicom_factory as make
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import liverseg
from liverseg.cli.app import app, main
from liverseg.ingest import browse, scan_folder


@pytest.fixture
def archive(tmp_path):
    for patient, date in (("1", "20150601"), ("1", "20160701"), ("2", "20150601")):
        uid = f"1.2.{patient}.{date}"
        make.write_series(
            tmp_path / patient / date,
            make.ramp(3),
            PatientID=patient,
            StudyDate=date,
            StudyInstanceUID=uid,
            SeriesInstanceUID=uid + ".1",
            SeriesNumber=3,
            SeriesDescription="CT portal venous",
            StudyDescription="Liver",
        )
    make.write_series(
        tmp_path / "tilted", make.ramp(4, (6, 7)), step=(0.4, 0.6, 2.5), PatientID="3",
        SeriesInstanceUID="1.2.3.66",
    )  # fmt: skip
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["scan", *map(str, arguments)])


def test_the_table_lists_every_volume_by_patient_and_date(archive):
    result = run(archive)
    assert result.exit_code == 0
    for word in ("patient", "2015-06-01", "2016-07-01", "CT portal venous", "portal_venous"):
        assert word in result.stdout
    assert "2.5 x 0.8 x 0.7" in result.stdout
    assert "4 x 5" in result.stdout
    assert "gantry tilt" in result.stdout
    assert "13 files: 9 used, 0 split, 0 skipped, 4 refused" in result.stdout
    rows = browse(scan_folder(archive))
    assert len({row.patient for row in rows}) == 2
    assert [row.patient for row in rows] == sorted(row.patient for row in rows)
    assert rows[0].size_text == "3 x 4 x 5"
    assert rows[0].bytes == sum(p.stat().st_size for p in (archive / "1/20150601").iterdir())


def test_json_and_parquet_hold_the_same_rows(archive, tmp_path):
    out = tmp_path / "volumes.parquet"
    result = run(archive, "--json", "--parquet", out, "--on-tilt", "shear")
    assert result.exit_code == 0
    plain = json.loads(result.stdout)
    table = pq.read_table(out).to_pylist()
    assert len(table) == len(plain["series"]) == 4
    by_key = {row["key"]: row for row in table}
    for series in plain["series"]:
        row = by_key[series["key"]]
        assert series["patient"] == row["patient"]
        assert series["phase"] == row["phase"]
        assert series["shape"] == [row["slices"], row["rows"], row["columns"]]
        assert series["bytes"] == row["bytes"] > 0
        assert series["changed_by"] == row["changed_by"]
    assert sum(bool(row["changed_by"]) for row in table) == 1
    assert all(len(row["patient"]) == 12 for row in table)
    empty = archive / "none"
    empty.mkdir()
    (empty / "x").write_text("no image")
    assert run(empty, "--parquet", out).exit_code == 0
    assert pq.read_table(out).num_rows == 0
    assert pq.read_table(out).schema.field("slices").type == "int64"


def test_a_split_can_be_undone_on_the_command_line(tmp_path):
    for k in range(2):
        make.write_series(tmp_path / str(k), make.ramp(3), AcquisitionNumber=k)
    shown = run(tmp_path).stdout
    assert "(split by" in shown
    assert "volume 2 of 2 in its series, by AcquisitionNumber" in shown
    result = run(tmp_path, "--keep-whole", "1.2.3.4", "--json")
    plain = json.loads(result.stdout)
    assert plain["refused"] == 6
    assert plain["series"] == []
    assert plain["entries"][0]["reason"].startswith("kept whole on request")


@pytest.mark.parametrize("option", ["--on-gap=guess", "--keep-whole=nothing"])
def test_wrong_options_are_one_line(archive, option, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["liverseg", "scan", str(archive), option])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("liverseg: ")
    assert option.split("=")[0] in said
    assert said.count("\n") == 1


def test_read_study_is_public(archive):
    study = liverseg.read_study(archive, policy=liverseg.GeometryPolicy(on_tilt="shear"))
    assert [v.phase for v in study.volumes].count("portal_venous") == 3
    assert all(v.array.shape == v.grid.shape for v in study.volumes)
    assert study.ledger.count("used") == 13
    named = liverseg.read_study(archive / "1" / "20150601", phases={"3": "delayed"})
    assert named.volumes[0].phase == "delayed"

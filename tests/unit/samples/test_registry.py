"""The registry that is shipped, and what is said of one that is not right."""

from __future__ import annotations

import csv
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from liverseg.errors import InputError
from liverseg.samples import list_samples, read_citations, sample_named, series_folder
from liverseg.samples.registry import registry_folder

ROOT = Path(__file__).resolve().parents[3]
REGISTRY = ROOT / "sample_data" / "registry"


@pytest.fixture(autouse=True)
def shipped(monkeypatch):
    monkeypatch.delenv("LIVERSEG_SAMPLE_REGISTRY", raising=False)


def script(name: str) -> ModuleType:
    """A script of sample_data, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "sample_data" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_series_of_the_candidates_is_in_the_registry_once(shared_data):
    with (shared_data / "idc_candidates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {one.uid: (sample, one) for sample in list_samples() for one in sample.series}
    assert set(known) == {row["series_instance_uid"] for row in rows}
    for row in rows:
        sample, one = known[row["series_instance_uid"]]
        assert sample.study_uid == row["study_instance_uid"]
        assert sample.patient == row["patient_id"]
        assert (one.instances, one.licence, one.doi) == (
            int(row["instance_count"]),
            row["licence"],
            row["doi"],
        )
        assert f"s3://{one.bucket}/{one.prefix}*" == row["s3_url"]
        assert one.size_mb == float(row["size_mb"])


def test_the_script_makes_the_series_that_are_shipped(shared_data):
    make_series = script("make_series")
    with (shared_data / "idc_candidates.csv").open(encoding="utf-8", newline="") as file:
        candidates = list(csv.DictReader(file))
    samples = tomllib.loads((REGISTRY / "samples.toml").read_text(encoding="utf-8"))["samples"]
    with (REGISTRY / "series.csv").open(encoding="utf-8", newline="") as file:
        shipped_rows = list(csv.reader(file))
    assert make_series.series_rows(candidates, samples) == shipped_rows[1:]
    with pytest.raises(SystemExit, match="HCC_018"):
        make_series.series_rows(candidates, {"other": {"patient": "X"}})


def test_the_smallest_comes_first_and_each_has_licence_citation_and_lesson():
    samples = list_samples()
    assert len(samples) == 33
    assert [one.size_mb for one in samples] == sorted(one.size_mb for one in samples)
    citations = read_citations()
    for sample in samples:
        assert sample.teaches.endswith(".")
        assert sample.title
        assert sample.instances == sum(one.instances for one in sample.series)
        for licence in sample.licences:
            assert citations.licence(licence).endswith("/)"), licence
        for doi in sample.dois:
            assert doi.startswith("https://doi.org/")
            assert citations.text(doi) != doi, f"no citation of {doi}"


def test_every_series_gets_a_folder_of_its_own_that_every_system_takes():
    for sample in list_samples():
        folders = [series_folder(sample, one) for one in sample.series]
        assert len({name.lower() for name in folders}) == len(folders)
        assert all(re.fullmatch(r"\d\d_[A-Z]+(_[A-Za-z0-9_]{1,40})?", name) for name in folders)


@pytest.mark.parametrize("asked", ["hcc-018", "HCC-018", "HCC_018", " hcc_018 "])
def test_a_sample_is_found_by_its_name_or_its_patient(asked):
    assert sample_named(asked).name == "hcc-018"


@pytest.mark.parametrize(
    ("asked", "near"), [("hcc-081", "hcc-018"), ("tgca-dd-a4nh", "tcga-dd-a4nh"), ("1085", "1085")]
)
def test_an_unknown_name_tells_those_that_are_spelt_like_it(asked, near):
    with pytest.raises(InputError, match="there is no sample") as told:
        sample_named(asked)
    assert near in told.value.remedy


def test_a_name_like_no_other_tells_where_the_names_are():
    with pytest.raises(InputError) as told:
        sample_named("???")
    assert told.value.remedy == "`liverseg samples list` shows all names"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("samples.toml", "[samples.hcc-018]", "[samples.'../up']", "no name of a sample"),
        ("samples.toml", "[samples.hcc-018]", "[samples.hcc-999]", "KeyError"),
        ("samples.toml", "title", "titel", "KeyError: 'title'"),
        ("samples.toml", "patient =", "patient", "TOMLDecodeError"),
        ("series.csv", "s3://idc-open-data/", "s3:///", "no address of the form"),
        ("series.csv", "s3_url", "url", "KeyError"),
        ("series.csv", ",24,12.64,", ",many,12.64,", "invalid literal"),
    ],
)
def test_a_damaged_registry_is_one_line(tmp_path, monkeypatch, file, old, new, said):
    for path in REGISTRY.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    damaged = tmp_path / file
    text = damaged.read_text(encoding="utf-8")
    assert old in text
    damaged.write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(tmp_path))
    with pytest.raises(InputError, match="the registry of samples cannot be read") as told:
        list_samples()
    assert said in told.value.what
    assert told.value.where == str(tmp_path)


def test_a_registry_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(tmp_path / "none"))
    with pytest.raises(InputError, match="there is no registry") as told:
        list_samples()
    assert told.value.where == str(tmp_path / "none")


def test_a_registry_without_citations_gives_the_addresses(tmp_path):
    (tmp_path / "samples.toml").write_text("")
    citations = read_citations(tmp_path)
    assert citations.text("https://doi.org/10.1/x") == "https://doi.org/10.1/x"
    assert citations.licence("CC0") == "CC0"
    (tmp_path / "citations.toml").write_text("licences = 3")
    with pytest.raises(InputError, match="citations cannot be read"):
        read_citations(tmp_path)


def test_the_page_of_the_documentation_is_the_registry():
    page = (ROOT / "docs" / "reference" / "samples.md").read_text(encoding="utf-8")
    assert page == script("make_page").page(list_samples(), read_citations())
    for sample in list_samples():
        assert f"| `{sample.name}` |" in page
        assert sample.teaches in page


def test_an_installed_package_has_the_registry():
    """The wheel puts the folder where `registry_folder` looks first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["sample_data/registry"] == "liverseg/samples/registry"
    assert registry_folder() == REGISTRY
    assert {path.name for path in REGISTRY.iterdir()} == {
        "citations.toml",
        "samples.toml",
        "series.csv",
    }

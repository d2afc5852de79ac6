"""The registry: which public studies there are, under which licence, and what they teach.

Three files in one folder: ``samples.toml`` (name, title, what it teaches), ``series.csv``
(where the series of each sample lie, how many files and bytes) and ``citations.toml``
(licences and citations by DOI). ``LIVERSEG_SAMPLE_REGISTRY`` names another folder of the
same form, for a collection of one's own.
"""

from __future__ import annotations

import csv
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from liverseg.errors import InputError

REGISTRY_VARIABLE = "LIVERSEG_SAMPLE_REGISTRY"
#: In an installed package and in a source tree (sample_data/registry).
_PLACES = (
    Path(__file__).with_name("registry"),
    Path(__file__).parents[3] / "sample_data" / "registry",
)
_S3_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]+)/(?P<prefix>[A-Za-z0-9._/-]+/)\*?")


@dataclass(frozen=True)
class SampleSeries:
    """One series of a sample: its objects are ``bucket/prefix*``, one for each instance.

    `size_mb` is in units of 1,000,000 bytes, rounded to 0.01.
    """

    uid: str
    modality: str
    description: str
    instances: int
    size_mb: float
    manufacturer: str
    licence: str
    doi: str
    bucket: str
    prefix: str


@dataclass(frozen=True)
class Sample:
    """One public study: what people type to get it, what it is, and what may be done with it."""

    name: str
    title: str
    teaches: str
    collection: str
    patient: str
    study_uid: str
    series: tuple[SampleSeries, ...]

    @property
    def instances(self) -> int:
        """Number of files."""
        return sum(one.instances for one in self.series)

    @property
    def size_mb(self) -> float:
        """Size of all files in units of 1,000,000 bytes."""
        return round(sum(one.size_mb for one in self.series), 2)

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities, images first."""
        return tuple(dict.fromkeys(one.modality for one in self.series))

    @property
    def licences(self) -> tuple[str, ...]:
        """Short names of the licences, such as "CC BY 4.0"."""
        return tuple(sorted({one.licence for one in self.series}))

    @property
    def dois(self) -> tuple[str, ...]:
        """Addresses of the data sets that the series come from, as https://doi.org/..."""
        return tuple(dict.fromkeys(one.doi for one in self.series))


@dataclass(frozen=True)
class Citations:
    """Address of each licence by its short name, and text of each citation by its DOI."""

    licences: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    archive: str = ""

    def text(self, doi: str) -> str:
        """The citation of a data set, ending with its address."""
        known = self.texts.get(_bare(doi), "")
        return f"{known} {doi}".strip()

    def licence(self, name: str) -> str:
        """The licence with the address of its text where that is known."""
        address = self.licences.get(name, "")
        return f"{name} ({address})" if address else name


def list_samples(registry: Path | None = None) -> tuple[Sample, ...]:
    """All samples, the smallest download first.

    Raises `InputError` when this installation has no registry, or the folder given with
    `registry` or ``LIVERSEG_SAMPLE_REGISTRY`` is none.
    """
    folder = registry_folder(registry)
    try:
        return _read_samples(folder)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InputError(
            f"the registry of samples cannot be read: {type(problem).__name__}: {problem}",
            where=str(folder),
            remedy=f"correct it, or unset {REGISTRY_VARIABLE}",
        ) from problem


def sample_named(name: str, registry: Path | None = None) -> Sample:
    """The sample of this name or patient, upper or lower case alike.

    Raises `InputError` for an unknown name, with those that are spelt like it.
    """
    samples = list_samples(registry)
    asked = name.strip().lower()
    for sample in samples:
        if asked in (sample.name.lower(), sample.patient.lower()):
            return sample
    names = [sample.name for sample in samples]
    near = [known for known in names if asked and asked in known]
    near += [known for known in difflib.get_close_matches(asked, names, n=3) if known not in near]
    raise InputError(
        f"there is no sample {name!r}",
        remedy=f"did you mean {', '.join(near[:3])}? `liverseg samples list` shows all"
        if near
        else "`liverseg samples list` shows all names",
    )


def read_citations(registry: Path | None = None) -> Citations:
    """Licences and citations of the registry."""
    path = registry_folder(registry) / "citations.toml"
    if not path.is_file():
        return Citations()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Citations(
            dict(raw.get("licences", {})),
            {doi: str(body["text"]) for doi, body in raw.get("doi", {}).items()},
            str(raw.get("archive", {}).get("text", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(
            f"the citations cannot be read: {type(problem).__name__}: {problem}", where=str(path)
        ) from problem


def registry_folder(registry: Path | None = None) -> Path:
    """The folder of the registry: the one given, the one of the environment, or our own."""
    named = registry or os.environ.get(REGISTRY_VARIABLE)
    places = (Path(named),) if named else _PLACES
    for place in places:
        if (place / "samples.toml").is_file():
            return place
    if named:
        raise InputError(
            "there is no registry of samples",
            where=str(named),
            remedy=f"a registry has samples.toml and series.csv; or unset {REGISTRY_VARIABLE}",
        )
    raise InputError(
        "the registry of samples is not part of this installation",
        remedy="install liverseg again",
    )


def _read_samples(folder: Path) -> tuple[Sample, ...]:
    named = tomllib.loads((folder / "samples.toml").read_text(encoding="utf-8"))["samples"]
    for name in named:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            # The name becomes a folder.
            raise ValueError(f"{name!r} is no name of a sample: a-z, 0-9 and - only")
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in named}
    with (folder / "series.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["sample"]].append(row)
    samples = [_sample(name, body, rows[name]) for name, body in named.items()]
    return tuple(sorted(samples, key=lambda sample: (sample.size_mb, sample.name)))


def _sample(name: str, body: Mapping[str, str], rows: list[dict[str, str]]) -> Sample:
    studies = {row["study_instance_uid"] for row in rows}
    if len(studies) != 1:
        raise ValueError(f"sample {name} has the series of {len(studies)} studies, not of one")
    return Sample(
        name=name,
        title=body["title"],
        teaches=body["teaches"],
        collection=rows[0]["collection"],
        patient=body["patient"],
        study_uid=studies.pop(),
        series=tuple(_series(row) for row in rows),
    )


def _series(row: Mapping[str, str]) -> SampleSeries:
    place = _S3_URL.fullmatch(row["s3_url"])
    if place is None:
        raise ValueError(f"{row['s3_url']!r} is no address of the form s3://bucket/prefix/*")
    return SampleSeries(
        uid=row["series_instance_uid"],
        modality=row["modality"],
        description=" ".join(row["series_description"].split()),
        instances=int(row["instance_count"]),
        size_mb=float(row["size_mb"]),
        manufacturer=row["manufacturer"],
        licence=row["licence"],
        doi=row["doi"],
        bucket=place["bucket"],
        prefix=place["prefix"],
    )


def _bare(doi: str) -> str:
    return doi.removeprefix("https://doi.org/").lower()

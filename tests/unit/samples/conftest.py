"""A local S3 server with one small sample, and its registry in the environment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sample_store import Store, running_store, store_series, write_registry

from liverseg.samples import Sample, sample_named


@dataclass(frozen=True)
class SmallSample:
    """Two series of 3 and 2 objects of 20 kB; `bodies` by key."""

    sample: Sample
    bodies: dict[str, bytes]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_store() as running:
        monkeypatch.setenv("LIVERSEG_S3_ENDPOINT", running.endpoint)
        yield running


@pytest.fixture
def small(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallSample:
    make = random.Random(5)
    bodies: dict[str, bytes] = {}
    series = []
    for prefix, count in (("aa-1/", 3), ("bb-2/", 2)):
        files = [make.randbytes(20_000 + k) for k in range(count)]
        bodies |= dict(zip(store_series(store, prefix, files), files, strict=True))
        series.append(
            {
                "uid": f"1.2.3.{count}",
                "modality": "CT",
                "description": f"Liver / {count} mm",
                "files": files,
                "prefix": prefix,
            }
        )
    registry = write_registry(tmp_path / "registry", "small-1", series)
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(registry))
    store.log.clear()
    return SmallSample(sample_named("small-1"), bodies)


@pytest.fixture
def into(tmp_path) -> Path:
    return tmp_path / "samples"

"""Public samples: real liver studies of the Imaging Data Commons, by one call.

from liverseg.samples import fetch_sample, sample_named
fetched = fetch_sample(sample_named("hcc-018"), Path("samples"))
fetched.folder  # give it to scan_folder or run_case
"""

from liverseg.samples.fetch import FetchedSample, fetch_sample, series_folder
from liverseg.samples.manifest import Manifest, ManifestFile, read_manifest
from liverseg.samples.registry import (
    Citations,
    Sample,
    SampleSeries,
    list_samples,
    read_citations,
    sample_named,
)
from liverseg.samples.terms import NO_IDENTIFICATION, licence_lines
from liverseg.samples.verify import SampleFileState, VerifiedSample, verify_sample

__all__ = [
    "NO_IDENTIFICATION",
    "Citations",
    "FetchedSample",
    "Manifest",
    "ManifestFile",
    "Sample",
    "SampleFileState",
    "SampleSeries",
    "VerifiedSample",
    "fetch_sample",
    "licence_lines",
    "list_samples",
    "read_citations",
    "read_manifest",
    "sample_named",
    "series_folder",
    "verify_sample",
]

"""Make `series.csv` of the samples from a table of candidates of the Imaging Data Commons.

    python sample_data/make_series.py CANDIDATES.csv

The candidates have a row for each series, with the columns named below; a series may stand
there more than once. Every patient of the candidates must be one sample of `samples.toml`, so
that none is left out and each has a sentence on what it teaches.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from pathlib import Path

REGISTRY = Path(__file__).parent / "registry"
COPIED = (
    "collection",
    "study_instance_uid",
    "series_instance_uid",
    "modality",
    "series_description",
    "instance_count",
    "size_mb",
    "manufacturer",
    "licence",
    "doi",
    "s3_url",
)


def series_rows(
    candidates: list[dict[str, str]], samples: dict[str, dict[str, str]]
) -> list[list[str]]:
    """Rows of `series.csv` in the order of samples, images before what was drawn on them."""
    named = {body["patient"]: name for name, body in samples.items()}
    missing = sorted({row["patient_id"] for row in candidates} - named.keys())
    if missing:
        raise SystemExit(f"samples.toml has no sample for: {', '.join(missing)}")
    once = {row["series_instance_uid"]: row for row in candidates}
    rows = [{"sample": named[row["patient_id"]], **row} for row in once.values()]
    rows.sort(key=lambda row: (row["sample"], bool(row["analysis_result"])))
    return [[row[column] for column in ("sample", *COPIED)] for row in rows]


def main(candidates: Path) -> None:
    """Write `series.csv` of the registry."""
    with candidates.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    samples = tomllib.loads((REGISTRY / "samples.toml").read_text(encoding="utf-8"))["samples"]
    with (REGISTRY / "series.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("sample", *COPIED))
        writer.writerows(series_rows(found, samples))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

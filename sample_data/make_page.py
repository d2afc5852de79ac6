"""Write the page of the samples, docs/reference/samples.md, from the registry.

python sample_data/make_page.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liverseg.samples import (
    NO_IDENTIFICATION,
    Citations,
    Sample,
    list_samples,
    read_citations,
)

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "samples.md"
HEAD = """# Samples: what each teaches

Made from `sample_data/registry` by `make sample-registry`. {count} public studies, {series} series
of the [NCI Imaging Data Commons](https://imaging.datacommons.cancer.gov), the smallest download
first. `liverseg samples fetch NAME` fetches one; [how](../howto/samples.md). None is part of
liverseg. {forbidden}

What a sample teaches was written from the descriptions, counts and sizes of its series; the images
were not read for it.

| name | what | teaches | series | files | MB | licence |
|---|---|---|--:|--:|--:|---|
"""
SOURCES = """
## Licences and citations

Where series of one study come from two data sets (the images, and what others drew on them), both
are to be cited. The same text lies beside the images as `LICENSE.txt`.

| data set | licence | samples | citation |
|---|---|---|---|
"""


def page(samples: Sequence[Sample], citations: Citations) -> str:
    """The page as Markdown."""
    head = HEAD.format(
        count=len(samples),
        series=sum(len(sample.series) for sample in samples),
        forbidden=NO_IDENTIFICATION,
    )
    rows = [
        f"| `{sample.name}` | {sample.title} | {sample.teaches} | {len(sample.series)} "
        f"| {sample.instances} | {sample.size_mb:.1f} | {', '.join(sample.licences)} |"
        for sample in samples
    ]
    dois = sorted({doi for sample in samples for doi in sample.dois})
    sources = [_source(doi, samples, citations) for doi in dois]
    archive = f"\nOf the archive: {citations.archive}\n"
    return head + "\n".join(rows) + "\n" + SOURCES + "\n".join(sources) + "\n" + archive


def _source(doi: str, samples: Sequence[Sample], citations: Citations) -> str:
    of_it = [sample for sample in samples if doi in sample.dois]
    licences = sorted({one.licence for sample in of_it for one in sample.series if one.doi == doi})
    linked = ", ".join(f"[{name}]({citations.licences[name]})" for name in licences)
    named = ", ".join(sorted(f"`{sample.name}`" for sample in of_it))
    text = citations.text(doi).removesuffix(doi).strip()
    return f"| [{doi.removeprefix('https://doi.org/')}]({doi}) | {linked} | {named} | {text} |"


if __name__ == "__main__":
    PAGE.write_text(page(list_samples(), read_citations()), encoding="utf-8")

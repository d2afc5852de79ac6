"""Under which licence a sample stands and how its sources want to be named, as text."""

from __future__ import annotations

from liverseg.samples.registry import Citations, Sample, SampleSeries

LICENCE_FILE = "LICENSE.txt"
#: The archives' data usage policy: https://www.cancerimagingarchive.net/data-usage-policies-and-restrictions/
NO_IDENTIFICATION = "Do not try to identify the people in the images."


def licence_lines(sample: Sample, citations: Citations) -> tuple[str, ...]:
    """For each source: its licence, what it covers, and its citation."""
    lines = []
    for doi in sample.dois:
        series = [one for one in sample.series if one.doi == doi]
        for licence in sorted({one.licence for one in series}):
            covered = [one for one in series if one.licence == licence]
            lines.append(f"{citations.licence(licence)}: {_covered(covered)}")
            lines.append(f"  cite: {citations.text(doi)}")
    return tuple(lines)


def licence_text(sample: Sample, citations: Citations) -> str:
    """The text file that lies beside the images of a fetched sample."""
    lines = [
        f"{sample.name}: {sample.title}",
        f"Collection {sample.collection}, patient {sample.patient}, study {sample.study_uid}",
        "",
        "The images are not part of liverseg. Who uses or passes them on must name their",
        "sources, as their licences ask:",
        "",
        *licence_lines(sample, citations),
        "",
        *([citations.archive, ""] if citations.archive else []),
        NO_IDENTIFICATION,
        "The files were not changed.",
    ]
    return "\n".join(lines) + "\n"


def _covered(series: list[SampleSeries]) -> str:
    kinds = ", ".join(dict.fromkeys(one.modality for one in series))
    return f"{len(series)} series ({kinds}), {sum(s.instances for s in series)} files"

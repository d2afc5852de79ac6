"""Write the report: one HTML file that needs nothing else."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from liverseg.records import FileState
from liverseg.report.claims import build_answer
from liverseg.report.content import ReportContent
from liverseg.report.curves import VALUES
from liverseg.report.lesions import build_lesions, lesion_anchors
from liverseg.report.liver import build_liver
from liverseg.report.rows import gather_doubts
from liverseg.report.sources import build_definitions, build_exams, build_ledger
from liverseg.report.words import counted

NOTICE = "For research and teaching, not for diagnosis."


def write_html(content: ReportContent, path: Path) -> None:
    """Write the report to `path`, whole or not at all.

    The file holds its pictures and styles; it asks for nothing from elsewhere and runs no
    script. Text from headers and files is escaped.
    """
    page = render_html(content)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".partial-") as stage:
        partial = Path(stage) / path.name
        partial.write_text(page, encoding="utf-8")
        partial.replace(path)


def render_html(content: ReportContent) -> str:
    """The report as text."""
    environment = Environment(
        loader=PackageLoader("liverseg.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    anchors = lesion_anchors(content)
    answer = None if content.comparison is None else build_answer(content.comparison, anchors)
    return environment.get_template("report.html.j2").render(
        content=content,
        notice=NOTICE,
        created=_time_word(content.created),
        answer=answer,
        lesions=build_lesions(content),
        value_columns=VALUES,
        liver=build_liver(content),
        exams=build_exams(content.exams),
        doubts=gather_doubts(content.doubts),
        ledger=build_ledger(content.ledger),
        states=FileState,
        definitions=build_definitions(content.measurements),
        counted=counted,
    )


def _time_word(created: str) -> str:
    """An ISO 8601 time to the minute, in UTC where its zone is known; other text as it is."""
    try:
        time = datetime.fromisoformat(created)
    except ValueError:
        return created
    if time.tzinfo is None:
        return f"{time:%Y-%m-%d %H:%M}"
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

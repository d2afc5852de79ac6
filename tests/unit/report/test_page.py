"""The page: needs nothing else, escapes what it shows, and says what must be said."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.report.conftest import claim
from unit.report.pages import Page, table_rows

from liverseg.records import (
    Comparison,
    Contradiction,
    Doubt,
    FileState,
    Judgement,
    Ledger,
    LedgerEntry,
    Measurement,
    Verdict,
)
from liverseg.report import ExamSummary, ReportContent, SeriesSummary, write_html
from liverseg.report.html import NOTICE, render_html

ATTRIBUTES = ("src", "href", "action", "srcset", "poster", "data", "formaction", "xlink:href")


def test_the_page_asks_for_nothing_from_elsewhere(rich_page):
    page = Page(rich_page)
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "iframe", "object", "embed", "base", "form", "img"}
    for name in ATTRIBUTES:
        assert all(value.startswith(("#", "data:image/png")) for value in page.attributes(name))
    assert "://" not in rich_page
    assert "url(" not in rich_page
    assert "@import" not in rich_page
    assert not [key for _, attrs in page.elements for key in attrs if key.startswith("on")]


def test_every_link_leads_to_a_place_of_the_page(rich_page):
    page = Page(rich_page)
    ids = page.attributes("id")
    assert len(set(ids)) == len(ids)
    links = [link for link in page.attributes("href") if link.startswith("#")]
    assert len(links) > 20
    assert {link[1:] for link in links} <= set(ids)
    assert set(page.attributes("aria-labelledby")) <= set(ids)


def test_the_notice_stands_at_both_ends(rich_page):
    assert NOTICE == "For research and teaching, not for diagnosis."
    text = Page(rich_page).text
    assert text.count(NOTICE) == 2
    assert text.index(NOTICE) < text.index("kitasaki2021", text.index("report"))
    assert text.rindex(NOTICE) > text.index("Origin")


def test_a_phantom_is_called_one_and_nothing_else_is(page_of):
    assert Page(page_of()).text.count("This is a phantom.") == 2
    real = Page(page_of(is_phantom=False)).text
    assert "phantom" not in real
    assert NOTICE in real


@pytest.mark.parametrize(
    ("created", "shown"),
    [
        ("2026-01-02T03:04:05.678+00:00", "2026-01-02 03:04 UTC"),
        ("2026-01-02T03:04:05+09:00", "2026-01-01 18:04 UTC"),
        ("2026-01-02T03:04", "2026-01-02 03:04"),
        ("yesterday", "yesterday"),
    ],
)
def test_the_time_is_shown_to_the_minute(page_of, created, shown):
    assert f"made {shown} with liverseg 0.1.0" in Page(page_of(created=created)).text


def test_the_counts_of_verdicts(rich_page):
    text = Page(rich_page).text
    assert (
        "Of 5 statements 1 conflicts with the images, 1 is borderline, 1 agrees only in part, "
        "1 agrees and 1 cannot be assessed on these images." in text
    )
    bar = next(a for n, a in Page(rich_page).elements if a.get("class") == "bar")
    assert bar["aria-label"] == ("1 agrees, 1 partly, 1 borderline, 1 conflicts, 1 not assessable")
    widths = re.findall(r'class="v-(\w+)" style="flex-grow:(\d+)"', rich_page)
    assert dict(widths) == {str(verdict): "1" for verdict in Verdict}


def test_every_statement_has_its_line(rich_page):
    rows = table_rows(rich_page, "Reported statements and verdicts")
    assert rows[1] == [
        "2", "in segment 4 2015 · text: Section 2", "◐ partly", "4, 7", "–",
        "portal venous R7 slice 15", "7 is extra", "3",
    ]  # fmt: skip
    assert rows[2][6] == "7.4 mm too small Doubt: thick slices"
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[4][1] == "leiomyosarcoma 2015 · pathology: Fig. 4"


def test_every_contradiction_is_shown_and_what_is_none_apart(rich_page):
    assert table_rows(rich_page, "What clashes") == [
        ["C1", "2, 3", "segment 4 or 7", "both are shown"]
    ]
    assert table_rows(rich_page, "What only looks like a clash") == [
        ["C2", "1, 9", "different phases", "no alarm"]
    ]
    text = Page(rich_page).text
    assert "The report contradicts itself in 1 place C1 segment 4 or 7" in text


def test_many_contradictions_are_all_shown(page_of, rich_content):
    clashes = tuple(Contradiction(f"K{n}", ("1",), f"clash {n}", f"way {n}") for n in range(14))
    page = page_of(comparison=replace(rich_content.comparison, contradictions=clashes))
    assert len(table_rows(page, "What clashes")) == 14
    assert "contradicts itself in 14 places" in page
    assert "What only looks like a clash" not in page


def test_a_comparison_without_contradictions_or_conflicts(page_of):
    fine = Comparison("Fine", (Judgement(claim(1, "x"), Verdict.AGREES, "so"),))
    page = page_of(comparison=fine)
    text = Page(page).text
    assert "Of 1 statement 1 agrees." in text
    assert "None is recorded." in text
    assert "No statement conflicts with the images, and none agrees only in part." in text
    assert 'id="contradictions"' not in page


def test_a_report_without_statements(page_of):
    page = page_of(comparison=Comparison("Empty", ()))
    assert "The report makes no statement." in page
    assert 'class="bar"' not in page


def test_without_reported_findings_nothing_is_compared(page_of):
    page = page_of(comparison=None, findings_title="", findings_source="")
    text = Page(page).text
    assert "No reported findings were given, so nothing was compared." in text
    assert "2 lesions measured; liver 1791\u00a0ml".replace("\u00a0", " ") in text
    assert 'id="statements"' not in page
    assert "Contradictions" not in text
    assert len(table_rows(page, "Sizes at a glance")) == 4


def test_without_couinaud_segments(page_of, rich_content):
    rows = [row for row in rich_content.measurements if row.metric != "couinaud_share"]
    views = [view for view in rich_content.views if view.kind == "lesion"]
    page = page_of(measurements=tuple(rows), views=tuple(views))
    text = Page(page).text
    assert text.count("There is no segment map of this exam.") == 2
    assert 'class="shares"' not in page
    assert [row[2] for row in table_rows(page, "Sizes at a glance")] == ["–"] * 4


def test_without_structures_the_aorta_is_not_named(page_of, rich_content):
    rows = [row for row in rich_content.measurements if row.metric != "aorta_mean"]
    page = page_of(measurements=tuple(rows))
    assert '<th scope="col" class="num">Aorta</th>' not in page
    assert ">aorta</text>" not in page
    assert ">aorta</text>" in page_of()


def test_an_empty_case_has_a_page():
    content = ReportContent("c", "now", "p", None, (), (), Ledger((), (), ()), ())
    text = Page(render_html(content)).text
    for sentence in ("No lesion was given.", "Nothing was measured on the liver.",
                     "No exam was measured.", "None beside those named above.",
                     "0 files, 0 volumes.", "0 measurements;"):  # fmt: skip
        assert sentence in text


def hostile_content(text):
    """A report in which every text is the same."""
    row = Measurement("mean", 1.0, text, text, lesion=text, date=text, modality=text, phase=text,
                      series_uid=text, segment=text, doubts=(Doubt(text, text),))  # fmt: skip
    rows = (row, replace(row, phase="delayed", unit="HU"), replace(row, lesion="liver"))
    said = claim(1, text, place=text, date=text, contradicts=(text,))
    judged = Judgement(said, Verdict.CONFLICTS, text, text, text, text, text, text,
                       doubts=(Doubt(text, text),))  # fmt: skip
    series = SeriesSummary(text, text, text, 3, (1, 1, 1), (0, 0, 0), None, text)
    return ReportContent(
        case=text, created=text, program=text,
        comparison=Comparison(text, (judged,), (Contradiction(text, (text,), text, text),)),
        measurements=(*rows, replace(row, metric="couinaud_share")), views=(),
        ledger=Ledger((text,), (LedgerEntry(text, FileState.REFUSED, text),), ()),
        exams=(ExamSummary(text, text, text, (series,)),), doubts=(Doubt(text, text),),
        findings_title=text, findings_source=text, tables={text: text},
    )  # fmt: skip


def shape_of(page):
    """Elements with the names of their attributes."""
    return [(name, sorted(attrs)) for name, attrs in page.elements]


PLAIN = shape_of(Page(render_html(hostile_content("plain"))))


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onload='x", "{{ 7 * 7 }}",
     "</style></title><!--", "&lt;b&gt;", "a & b"],
)  # fmt: skip
def test_text_from_headers_is_shown_as_it_is(text):
    page = Page(render_html(hostile_content(text)))
    assert shape_of(page) == PLAIN
    assert page.text.count(text) >= 15


#: Any text but those that mean something: a list of lesions, the liver, no name at all.
TEXTS = st.text("<>&\"'/=-! {}%#abc", min_size=1, max_size=20).filter(lambda text: text.strip(" /"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_no_text_changes_the_elements_of_the_page(text):
    assert shape_of(Page(render_html(hostile_content(text)))) == PLAIN


def renamed(content, name):
    """The content with another name for lesion R7, in rows and pictures."""
    rows, views = (
        tuple(replace(one, lesion=name) if one.lesion == "R7" else one for one in items)
        for items in (content.measurements, content.views)
    )
    return replace(content, measurements=rows, views=views)


def test_a_name_inside_a_picture_is_escaped_too(rich_content):
    name = """"><script>'&"""
    page, plain = (Page(render_html(renamed(rich_content, n))) for n in (name, "plain"))
    assert shape_of(page) == shape_of(plain)
    labels = [label for label in page.attributes("aria-label") if name in label]
    assert len(labels) == len([x for x in plain.attributes("aria-label") if "plain" in x]) > 10


def test_the_page_is_written_whole(tmp_path, rich_content, rich_page):
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    write_html(rich_content, path)
    assert path.read_text(encoding="utf-8") == rich_page
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_a_page_that_fails_leaves_what_was_there(tmp_path, rich_content):
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises((AttributeError, TypeError)):
        write_html(replace(rich_content, ledger=None), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]

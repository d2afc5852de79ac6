"""Blocks of the page: lesions, liver, pictures, series and files."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from unit.report.pages import Page

from liverseg.records import Doubt, FileState, Ledger, LedgerEntry, Measurement
from liverseg.report import ExamSummary
from liverseg.report.lesions import SIZES, build_lesions, lesion_anchors
from liverseg.report.liver import build_liver
from liverseg.report.pictures import lesion_pictures, place_picture, segment_pictures
from liverseg.report.rows import (
    all_exams,
    columns_of,
    gather_doubts,
    lesion_names,
    rows_of,
)
from liverseg.report.sources import (
    MOST_LISTED,
    build_definitions,
    build_exams,
    build_ledger,
)


def kept(content, keep):
    return replace(content, measurements=tuple(r for r in content.measurements if keep(r)))


def test_a_lesion_at_a_glance(rich_content):
    first, second = build_lesions(rich_content)
    assert (first.name, second.name) == ("R7", "R4")
    assert lesion_anchors(rich_content) == {"R7": "lesion-1", "R4": "lesion-2"}
    line = first.glance[0]
    assert (line.exam, line.phase) == ("CT 2015-06-01", "portal venous")
    assert (line.long_axis.value, line.long_axis.interval) == ("35.0", "27.3 to 43.8")
    assert (line.volume.value, line.extents) == ("17.6", "35.0 × 32.0 × 30.0")
    assert line.segments == "S7 83\u00a0%, S8 17\u00a0%"
    assert second.glance[1].exam == "MR 2015-06-01"
    assert second.glance[1].long_axis.value == "22.0"


def test_sizes_stand_in_their_order_with_a_cell_an_exam(rich_content):
    block = build_lesions(rich_content)[0]
    assert block.exam_titles == ("CT 2015-06-01", "MR 2015-06-01")
    names = [line.name for line in block.sizes]
    assert names[:3] == ["Long axis", "Short axis", "Long × short (WHO)"]
    assert len(names) == len({row.metric for row in rich_content.measurements} & set(SIZES))
    assert {len(line.cells) for line in block.sizes} == {2}
    who = next(line for line in block.sizes if line.name.endswith("(WHO)"))
    assert (who.unit, who.cells[0].value) == ("mm²", "1120")


def test_a_size_that_one_exam_lacks_is_a_dash(rich_content):
    part = kept(rich_content, lambda r: (r.metric, r.modality) != ("long_axis", "CT"))
    block = build_lesions(part)[0]
    line = next(line for line in block.sizes if line.name == "Long axis")
    assert [cell.value for cell in line.cells] == ["–", "35.0"]
    assert (block.glance[0].phase, block.glance[0].long_axis.value) == ("", "–")


def test_doubts_of_a_lesion_are_gathered(rich_content):
    doubts = build_lesions(rich_content)[0].doubts
    assert [doubt.reason for doubt in doubts] == [
        "slices are 6 mm apart, more than the 5 mm of RECIST 1.1"
    ]


def test_doubts_with_one_reason_become_one_with_all_places():
    doubts = [Doubt("thin", "R7"), Doubt("dark", ""), Doubt("thin", "late_arterial"),
              Doubt("thin", "R7")]  # fmt: skip
    found = gather_doubts(doubts)
    assert [(doubt.reason, doubt.where) for doubt in found] == [
        ("thin", "R7 and late arterial"),
        ("dark", ""),
    ]


def test_a_lesion_known_only_from_a_picture_is_not_lost(rich_content):
    part = kept(rich_content, lambda row: row.lesion != "R4")
    blocks = build_lesions(part)
    assert [block.name for block in blocks] == ["R7", "R4"]
    assert (blocks[1].sizes, blocks[1].glance) == ((), ())
    assert blocks[1].exams[0].pictures


def test_exams_known_only_from_rows_or_pictures_are_not_lost(rich_content):
    orphan = replace(rich_content, exams=())
    assert [exam.title for exam in all_exams(orphan)] == ["CT 2015-06-01", "MR 2015-06-01"]
    view = replace(rich_content.views[0], exam_id="loose")
    loose = replace(rich_content, exams=(), measurements=(), views=(view,))
    assert [exam.title for exam in all_exams(loose)] == ["loose"]
    nameless = replace(loose, views=(), measurements=(Measurement("mean", 1.0, "HU", "m"),))
    assert [exam.title for exam in all_exams(nameless)] == ["undated exam"]


def test_exams_stand_by_date(rich_content):
    early = ExamSummary("x", "1999-01-01", "MR", ())
    turned = replace(rich_content, exams=(*rich_content.exams[::-1], early))
    assert [exam.title for exam in all_exams(turned)] == [
        "MR 1999-01-01", "CT 2015-06-01", "MR 2015-06-01",
    ]  # fmt: skip


def test_columns_follow_the_phases_whatever_the_order_of_the_rows(rich_content):
    turned = replace(rich_content, measurements=rich_content.measurements[::-1])
    phases = [column.phase for column in columns_of(turned, rich_content.exams[0])]
    assert phases == ["non_contrast", "late_arterial", "portal_venous", "delayed"]
    assert lesion_names(turned) == ("R4", "R7")


def test_shares_stand_largest_first(rich_content):
    rows = rows_of(rich_content, "liver", rich_content.exams[0])
    assert [row.segment for row in rows.shares()][:2] == ["8", "7"]
    assert rows.first("nothing") is None


def test_the_liver_by_phase(rich_content):
    ct, mr = build_liver(rich_content)
    assert (ct.title, ct.volume, ct.interval) == ("CT 2015-06-01", "1791\u00a0ml", "1737 to 1844")
    assert ct.headings == ("Liver", "SD", "Aorta")
    assert ct.lines[1].phase == "late arterial"
    assert ct.lines[1].cells == ("78", "8", "345")
    assert (mr.lines[-1].phase, mr.lines[-1].unit) == ("ADC", "10⁻³ mm²/s")
    assert mr.lines[-1].cells == ("1.10", "0.11", "2.00")
    assert len(ct.pictures) == 3


def test_an_exam_in_which_the_liver_was_not_measured_is_left_out(rich_content):
    part = kept(rich_content, lambda row: (row.lesion, row.modality) != ("liver", "CT"))
    without = replace(part, views=tuple(v for v in part.views if v.kind == "lesion"))
    assert [exam.title for exam in build_liver(without)] == ["MR 2015-06-01"]


def test_pictures_of_a_lesion_follow_the_phases(rich_content):
    exam = rich_content.exams[1]
    pictures = lesion_pictures(rich_content, exam, "R7")
    assert [picture.caption for picture in pictures] == [
        "non-contrast", "late arterial", "portal venous", "transitional", "hepatobiliary", "T2",
        "ADC",
    ]  # fmt: skip
    assert pictures[0].hint == 'series 1 "Liver non_contrast"'
    label = Page(pictures[4].svg).elements[0][1]["aria-label"]
    assert label == (
        "Lesion R7, MR 2015-06-01, hepatobiliary, slice 16, "
        "with outline and long axis and short axis"
    )
    assert lesion_pictures(rich_content, exam, "nobody") == ()


def test_a_series_that_misses_the_lesion_leaves_a_gap(rich_content):
    exam = rich_content.exams[0]
    views = tuple(v for v in rich_content.views if v.phase != "delayed" or v.lesion != "R7")
    pictures = lesion_pictures(replace(rich_content, views=views), exam, "R7")
    assert [bool(picture.svg) for picture in pictures] == [True, True, True, False]
    assert (pictures[3].caption, pictures[3].detail) == ("delayed", "no slice reaches the lesion")


def test_a_slice_without_outline_says_so(rich_content):
    view = rich_content.views[0]
    empty = replace(view, labels=view.labels * 0, lines=(), series_uid="gone")
    picture = lesion_pictures(replace(rich_content, views=(empty,)), rich_content.exams[0], "R7")[0]
    assert "with no outline on this slice" in picture.svg
    assert picture.hint == "gone"


def test_the_window_is_told_as_level_and_width_or_as_a_range(rich_content):
    ct, mr = rich_content.exams
    assert lesion_pictures(rich_content, ct, "R7")[1].detail.endswith("· L 90 W 250")
    assert lesion_pictures(rich_content, mr, "R7")[-1].detail.endswith("10⁻³ mm²/s")


def test_segment_pictures_go_from_the_feet_up(rich_content):
    turned = replace(rich_content, views=rich_content.views[::-1])
    pictures = segment_pictures(turned, rich_content.exams[0])
    numbers = [int(p.detail.split()[1]) for p in pictures]
    assert numbers == sorted(numbers)
    assert len(numbers) == 3
    where = place_picture(rich_content, rich_content.exams[0], "R7")
    assert "Slice of lesion R7 with Couinaud segments" in where.svg
    assert place_picture(rich_content, rich_content.exams[0], "nobody") is None


def test_series_stand_by_phase_with_their_shift(rich_content):
    turned = [replace(e, series=e.series[::-1]) for e in rich_content.exams[::-1]]
    ct, mr = build_exams(turned)
    assert (ct.title, mr.title) == ("CT 2015-06-01", "MR 2015-06-01")
    assert ct.lines[0].phase == "non-contrast"
    first, reference = ct.lines[0], ct.lines[2]
    assert (first.shift, first.residual) == ("1.0, −2.0, 3.0", "0.20")
    assert (reference.shift, reference.residual, reference.is_reference) == ("–", "–", True)
    assert (first.spacing, first.slices) == ("6 × 3 × 3", 25)


def ledger_of(*entries):
    return Ledger(("/home/someone/export",), tuple(LedgerEntry(*entry) for entry in entries), ())


def test_the_ledger_counts_every_fate_and_names_no_home():
    ledger = ledger_of(
        ("a", FileState.SKIPPED, "copy"), ("b", FileState.USED, "read"),
        ("c", FileState.SKIPPED, "report"), ("d", FileState.SKIPPED, "report"),
    )  # fmt: skip
    view = build_ledger(ledger)
    assert (view.roots, view.files) == (("export",), 4)
    assert [(fate.word, fate.count) for fate in view.fates] == [
        ("used", 1), ("split", 0), ("skipped", 3), ("refused", 0),
    ]  # fmt: skip
    assert [(g.word, g.reason, g.count, g.example) for g in view.groups] == [
        ("used", "read", 1, "b"), ("skipped", "report", 2, "c"), ("skipped", "copy", 1, "a"),
    ]  # fmt: skip
    assert view.refused == ()


@pytest.mark.parametrize("more", [0, 3])
def test_refused_files_are_listed_up_to_a_limit(page_of, more):
    names = [str(PurePosixPath("ct", f"{n}.dcm")) for n in range(MOST_LISTED + more)]
    ledger = ledger_of(*((name, FileState.REFUSED, "cut short") for name in names))
    view = build_ledger(ledger)
    assert [entry.path for entry in view.refused] == names[:MOST_LISTED]
    assert view.refused_more == more
    assert ("and 3 more, see ledger.json" in page_of(ledger=ledger)) == bool(more)


def test_each_metric_is_defined_with_all_its_units():
    rows = [Measurement("mean", 1.0, unit, "voxels") for unit in ("HU", "au", "mm2/s", "HU")] + [
        Measurement("long_axis", 1.0, "mm", "RECIST"),
        Measurement("long_axis", 1.0, "mm", "hand"),
    ]
    found = [(d.metric, d.name, d.unit, d.method) for d in build_definitions(rows)]
    assert found == [
        ("mean", "Mean", "HU, au, mm2/s", "voxels"),
        ("long_axis", "Long axis", "mm", "RECIST"),
        ("long_axis", "Long axis", "mm", "hand"),
    ]

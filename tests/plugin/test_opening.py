"""Opening without a window: what a path is, the study browser's rows, early pictures, samples."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from coarse_case import plan_coarse_case
from plugin.given import Given
from plugin.plugin_stand_ins import CT, MR, FakeStore

from liverseg.errors import CancelledError, InputError
from liverseg.workflow import Variant, demo, run_demo
from napari_liverseg import samples
from napari_liverseg.case_store import CaseStore
from napari_liverseg.errands import StoppedError
from napari_liverseg.held_exams import NO_LIVER
from napari_liverseg.study import PHASE_COLUMN, USE_COLUMN, kind_of, look_at


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Folder of DICOM of the coarse digital case."""
    out = tmp_path_factory.mktemp("study") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plan_case", plan_coarse_case)
        run_demo(out, variant=Variant.TEXT, seed=7)
    return out / "dicom"


def test_a_path_is_a_case_a_study_or_an_error(tmp_path):
    assert kind_of(tmp_path / "x.liverseg") == "case"
    assert kind_of(tmp_path) == "study"
    with pytest.raises(InputError, match="there is no file or folder"):
        kind_of(tmp_path / "gone")


def test_the_browser_says_phase_reason_and_what_is_set_up(study):
    choice = look_at(study)
    rows = choice.rows()
    assert len(rows) == 3
    assert "demo" in choice.title
    uses = [row.cells[USE_COLUMN] for row in rows if row.exam_id == CT]
    assert sorted(uses) == ["reference", "yes"]
    assert all(row.reason for row in rows)
    assert choice.summary([CT]) == f"{CT}: 2 series"
    other = next(row for row in rows if row.cells[USE_COLUMN] == "yes")
    choice.set_phase(other.key, "undetermined")
    changed = next(row for row in choice.rows() if row.key == other.key)
    assert changed.cells[PHASE_COLUMN] == "undetermined"
    assert changed.cells[USE_COLUMN] == "no"
    assert "phase undetermined" in changed.why_not
    choice.set_phase(other.key, other.phase)
    assert choice.rows() == rows


def test_a_bare_study_becomes_a_case_that_can_be_drawn_on(study, tmp_path):
    choice = look_at(study)
    choice.path = tmp_path / "new.liverseg"
    store = CaseStore(choice.make([CT]))
    early = []
    loaded = store.load(CT, early=early.append)
    assert [len(scene.images) for scene in early] == [1]
    assert len(loaded.scene.images) == 2
    assert loaded.warning == NO_LIVER
    mask = np.zeros(loaded.exam.liver.grid.shape, bool)
    mask[5:8, 20:30, 20:30] = True
    written = store.write(CT, {"one": mask})
    assert not written.failures
    assert written.numbers.outdated
    renewed = store.renew(CT)
    assert not renewed.numbers.outdated
    volume = next(row for row in renewed.numbers.measurements if row.metric == "voxel_volume")
    assert volume.value == pytest.approx(300 * loaded.exam.liver.grid.voxel_volume_mm3 / 1000)


def test_the_reference_series_is_seen_while_the_others_are_read():
    store = FakeStore()
    given = Given(store)
    store.shows_early = True
    shown = []
    given.bench.progressed.connect(lambda *_: shown.append(len(given.bench.stage.phases)))
    given.bench.load(MR)
    given.settle()
    assert 1 in shown
    assert len(given.bench.stage.phases) == 2
    assert given.bench.exam_id == MR


def test_what_is_seen_early_cannot_be_drawn_on_and_is_never_stored():
    store = FakeStore()
    given = Given(store)
    store.shows_early = True
    before = {name: store.mask(name).copy() for name in "AB"}

    def draw(*_):
        assert not given.layer.editable
        given.layer.data[4, 4, 4] = 1
        given.bench.hand_on()

    given.bench.progressed.connect(draw)
    given.bench.load(MR)
    given.runner.work()
    given.settle()
    assert store.writes == []
    for name, mask in before.items():
        np.testing.assert_array_equal(store.mask(name), mask)


def test_reading_can_be_stopped_and_begun_again():
    given = Given()
    given.bench.load(MR)
    assert given.bench.is_reading
    given.bench.stop_reading()
    given.settle()
    assert given.bench.exam_id == CT  # nothing of the other was shown yet
    assert "reading was stopped" in given.bench.last_message[0]
    assert given.layer.editable
    given.bench.load(MR)
    given.settle()
    assert given.bench.exam_id == MR


def test_the_digital_sample_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "plan_case", plan_coarse_case)
    monkeypatch.setattr(samples, "sample_folder", lambda: tmp_path)
    sample = samples.list_samples()[0]
    path = samples.make_sample(sample)
    made = path.stat().st_mtime_ns
    assert samples.make_sample(sample) == path
    assert path.stat().st_mtime_ns == made
    assert CaseStore(path).exam_ids()


def test_a_public_sample_is_fetched_into_the_users_folder_and_can_be_stopped(tmp_path, monkeypatch):
    told, asked = [], []

    def fetch(sample, into, *, progress, cancelled):
        asked.append((sample.name, into))
        for done in range(4):
            progress(f"{done} of 4 files", done / 4)
            if cancelled():
                raise CancelledError("fetching was stopped")
        return SimpleNamespace(folder=into / sample.name)

    monkeypatch.setattr(samples.public, "fetch_sample", fetch)
    monkeypatch.setattr(samples, "sample_folder", lambda: tmp_path / "samples")
    sample = samples.list_samples()[1]
    path = samples.make_sample(sample, progress=lambda text, share: told.append(share))
    assert path == tmp_path / "samples" / sample.key
    assert told == [0.0, 0.25, 0.5, 0.75]

    def stop(_text, share):
        if share >= 0.25:
            raise StoppedError

    with pytest.raises(StoppedError):
        samples.make_sample(sample, progress=stop)
    assert asked == [(sample.key, tmp_path / "samples")] * 2


def test_public_samples_say_size_licence_and_source():
    for sample in samples.list_samples()[1:]:
        assert sample.title.startswith(f"{sample.key}: ")
        assert "B, CC BY" in sample.title
        assert "https://doi.org/" in sample.note


def test_without_a_registry_there_is_the_digital_case(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(tmp_path / "nothing"))
    assert [sample.key for sample in samples.list_samples()] == [samples.DIGITAL]


def test_a_store_gives_a_liver_to_an_exam(study, tmp_path):
    from liverseg.case import CaseFile
    from liverseg.interop import write_nifti

    with CaseFile.open(study.parent / "case.liverseg", read_only=True) as case:
        liver = write_nifti(case.stored_exam(CT).liver, tmp_path / "liver.nii.gz")
    choice = look_at(study)
    choice.path = tmp_path / "new.liverseg"
    store = CaseStore(choice.make([CT]))
    store.load(CT)
    store.add_liver(CT, liver)
    loaded = store.load(CT)
    assert loaded.warning == ""
    assert not loaded.exam.liver.is_empty
    assert dataclasses.asdict(loaded.exam.shifts[1])["residual_mm"] is not None

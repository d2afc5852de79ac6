import numpy as np
import pytest

from liverseg.errors import InputError
from liverseg.lesions import liver_reference, measure_enhancement, measure_liver
from liverseg.records import Phase
from liverseg.teach import pattern_entities, pattern_scene
from liverseg.testing.readers import reader_mask


def test_there_are_18_entities_on_ct_and_mr():
    assert len(pattern_entities()) == 18
    for entity in pattern_entities():
        for modality, count in (("CT", 4), ("MR", 7)):
            scene = pattern_scene(
                entity, modality=modality, diameter_mm=12.0, spacing_mm=(3.0, 2.5, 2.5)
            )
            assert len(scene.exam.series) == count
            assert set(scene.levels["liver"]) == {s.call.phase for s in scene.exam.series}
            assert set(scene.parts) <= set(scene.levels)


@pytest.mark.parametrize("diameter_mm", [10.0, 30.0, 60.0])
def test_the_mask_holds_the_volume_of_its_surface(diameter_mm):
    scene = pattern_scene("HCC", diameter_mm=diameter_mm, spacing_mm=(1.0, 0.8, 0.8), seed=5)
    exact = np.pi / 6.0 * diameter_mm**3 / 1000.0
    assert scene.outline.volume_ml == pytest.approx(exact, rel=1e-6)
    voxels = np.count_nonzero(scene.truth.array) * scene.truth.grid.voxel_volume_mm3 / 1000.0
    assert voxels == pytest.approx(exact, rel=0.03)
    centre = scene.truth.grid.to_lps_mm(np.argwhere(scene.truth.array).mean(axis=0))
    assert np.linalg.norm(centre - scene.centre_lps_mm) < 0.05 * diameter_mm


def test_planted_levels_are_there_where_each_series_has_moved_to():
    scene = pattern_scene(
        "colorectal metastasis", modality="MR", diameter_mm=30.0, noise_sd=0.0, breath_mm=5.0
    )
    exam = scene.exam
    moved = [shift.series_from_reference.length_mm for shift in exam.shifts]
    assert sorted(moved)[0] == 0.0
    assert sorted(moved)[1:] == pytest.approx([5.0] * 6)
    reference = liver_reference(exam.liver, [scene.truth], exam.structures)
    rows = (*measure_enhancement(exam, exam.lesions[0], reference), *measure_liver(exam, reference))
    checked = 0
    for row in rows:
        name = row.metric.removesuffix("_mean")
        if name == row.metric or name not in scene.levels:
            continue
        planted = scene.levels[name][Phase(row.phase)]
        # The blurred edge holds a few percent of liver, which may be twice as bright.
        liver = scene.levels["liver"][Phase(row.phase)]
        within = 0.04 * liver if name in ("rim", "core") else 0.02 * planted
        assert row.value == pytest.approx(planted, abs=within), (row.phase, row.metric)
        checked += 1
    assert checked == 7 * 9  # rim, core, liver, five structures and muscle in seven series


def test_nodules_cover_their_share_of_the_rim():
    scene = pattern_scene("haemangioma", diameter_mm=40.0, noise_sd=0.0, spacing_mm=(1.0, 1.0, 1.0))
    arterial = scene.exam.by_key("ct_arterial").volume
    inside = scene.truth.mask()
    position = arterial.grid.to_lps_mm(np.argwhere(inside)) - scene.centre_lps_mm
    depth = 1.0 - scene.outline.level(position)
    middle = np.abs(depth * 20.0 - scene.rim_mm / 2.0) < 1.0
    bright = arterial.array[inside][middle] > 0.5 * (240.0 + 45.0)
    assert bright.mean() == pytest.approx(scene.nodule_share, abs=0.05)
    assert 0.1 < scene.nodule_share < 0.75


def test_the_same_arguments_give_the_same_scene_and_reader():
    one, other = (
        pattern_scene("abscess", diameter_mm=14.0, spacing_mm=(2.0, 1.5, 1.5), seed=s)
        for s in (4, 4)
    )
    assert (one.exam.series[1].volume.array == other.exam.series[1].volume.array).all()
    assert (reader_mask(one, seed=2).array == reader_mask(other, seed=2).array).all()
    assert (reader_mask(one, seed=2).array != reader_mask(one, seed=3).array).any()


def test_readers_err_by_about_a_twentieth_of_the_radius_and_have_no_side():
    scene = pattern_scene("HCC", diameter_mm=30.0, spacing_mm=(1.0, 1.0, 1.0), noise_sd=0.0)
    shares = [
        np.count_nonzero(reader_mask(scene, seed=k).array) / np.count_nonzero(scene.truth.array)
        for k in range(30)
    ]
    radii = np.cbrt(shares)
    assert radii.mean() == pytest.approx(1.0, abs=0.03)
    assert 0.02 < radii.std() < 0.08


@pytest.mark.parametrize("wrong", [{"entity": "toad"}, {"entity": "HCC", "modality": "US"}])
def test_unknown_entities_and_modalities_are_refused(wrong):
    with pytest.raises(InputError):
        pattern_scene(**wrong)

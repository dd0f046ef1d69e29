"""The true image is the best that there is, and the baselines are what they say they are."""

import dataclasses
import json
import math
import shutil

import numpy as np
import pytest
import torch

from ptk.dataset.manifest import SAMPLE
from ptk.editing.loading import load_translator, shipped
from ptk.errors import DataError, OutputError
from ptk.evaluation.book import Book
from ptk.evaluation.candidates import CANDIDATES, candidates, face_box, faces_of, within
from ptk.evaluation.composed import Composed, evaluate_composed
from ptk.evaluation.evaluate import Metrics, evaluate
from ptk.evaluation.people import People, read_people
from ptk.evaluation.report import as_json, mean, ranked, rows, switched
from ptk.evaluation.styles import Renderers, with_styles
from ptk.evaluation.tables import domain_table, group_table, read_groups, style_table
from ptk.registry.registry import load_registry
from untrained import write_untrained


@pytest.fixture(scope="module")
def translator(tmp_path_factory):
    return load_translator(write_untrained(tmp_path_factory.mktemp("weights") / "weights.safetensors", loud=0.5), "cpu")


@pytest.fixture(scope="module")
def people(translator):
    """Two people, three photos each, as photos and as sketches."""
    read = read_people(SAMPLE, "test", 64, ("photo", "sketch"))
    few = {identity: shots[:3] for identity, shots in list(read.shots.items())[:2]}
    people = People(read.folder, read.split, few, read.licence, read.detector)
    return with_styles(people, Renderers.of(translator.metadata))


@pytest.fixture(scope="module")
def evaluation(translator, people):
    metrics = Metrics.built(load_registry(), ("mse", "ssim", "lpips"), people.detector)
    return evaluate(translator, people, metrics)


def test_every_ordered_pair_of_one_person_is_a_case(evaluation, people):
    assert len(people.pairs) == 2 * 3 * 2
    assert [len(dataclasses.replace(people, most=most).pairs) for most in (1, 4, 9)] == [2, 8, 12]
    photos = [case for case in evaluation.cases if case.domain == "photo"]
    assert {(case.source.photo, case.target.photo) for case in photos} == {
        (source.photo, target.photo) for source, target in people.pairs
    }
    assert all(case.source.identity == case.target.identity for case in photos)


def test_the_true_image_is_the_best_by_every_metric(evaluation):
    for domain in evaluation.domains:
        for row in rows(evaluation, domain):
            if "true" not in row.means:
                continue
            for name in ("result", "unchanged", "warp"):
                better = row.means["true"] < row.means[name]
                assert better == row.lower_is_better, (domain, row)


def test_noise_is_told_from_faces_and_is_no_best_row(evaluation):
    by_name = {row.name: row for row in rows(evaluation, "photo")}
    assert by_name["mse"].means["warp"] < by_name["mse"].means["unchanged"] < by_name["mse"].means["result"]
    assert not any(row.best for row in by_name.values())


def test_a_set_of_noise_is_far_from_one_of_faces(translator, people):
    pytest.importorskip("stlpips_pytorch")
    metrics = Metrics.built(load_registry(), ("kernel_distance",), people.detector)
    [row] = rows(evaluate(translator, people, metrics), "photo")
    assert row.name == "kernel_distance"
    assert row.means["result"] > 10 * abs(row.means["unchanged"])
    assert not row.best


def test_a_mean_is_over_people_and_leaves_out_what_is_no_number(evaluation):
    cases = [case for case in evaluation.cases if case.domain == "photo"]
    values = {}
    for case in cases:
        values.setdefault(case.source.identity, []).append(case.values["mse"]["warp"])
    assert mean(cases, "mse", "warp") == pytest.approx(np.mean([np.mean(each) for each in values.values()]))
    assert math.isnan(mean(cases, "no such", "warp"))


def test_the_candidates_are_the_source_itself_and_one_bent_to_the_target(translator, people):
    source, target = people.pairs[0]
    images = candidates(translator, source, target, "photo")
    assert set(images) == set(CANDIDATES)
    assert torch.equal(images["unchanged"], faces_of(source, "photo").image)
    assert torch.equal(images["true"], faces_of(target, "photo").image)
    still = candidates(translator, source, source, "photo")
    assert (still["warp"] - still["unchanged"]).abs().mean() < 0.01


def test_a_box_holds_the_landmarks_and_points_stay_where_they_are(people):
    shot = people.pairs[0][0]
    rows_, columns = face_box(shot)
    low, high = shot.points.min(0) * shot.size, shot.points.max(0) * shot.size
    assert rows_.start <= low[1]
    assert columns.start <= low[0]
    assert rows_.stop >= min(high[1], shot.size)
    assert columns.stop >= min(high[0], shot.size)
    whole, boxed = faces_of(shot, "photo"), within(faces_of(shot, "photo"), (rows_, columns))
    sides = torch.tensor([boxed.image.shape[-1], boxed.image.shape[-2]])
    corner = torch.tensor([columns.start, rows_.start])
    torch.testing.assert_close(boxed.points * sides + corner, whole.points * shot.size)


def test_what_the_data_lacks_is_rendered_by_the_style_itself(people):
    shot = people.pairs[0][0]
    assert set(shot.images) == {"photo", "sketch"}
    photo, sketch = (shot.crop(domain).astype(float) for domain in ("photo", "sketch"))
    assert sketch.shape == photo.shape
    assert sketch.mean() > photo.mean() + 40  # mostly paper
    none = Renderers.of({"recipe": {"recipe": "of a style that nobody knows"}})
    assert not none.domains
    assert none.skipped


def test_everything_is_in_the_json_without_nan(evaluation, people):
    said = as_json(evaluation, people, {"name": "weights"})
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["data"]["people"] == 2
    assert len(said["cases"]) == len(evaluation.cases)
    assert set(said["domains"]["photo"]["metrics"]["mse"]) == set(CANDIDATES)


def test_the_worst_come_first(evaluation):
    values = [case.values["lpips"]["result"] for case in ranked(evaluation, "photo")]
    assert values == sorted(values, reverse=True)
    assert 0 <= switched(evaluation, "photo") <= 1


def test_tables_have_a_line_for_each_metric_and_group(evaluation, people, tmp_path):
    photo = domain_table(evaluation, "photo", "photo")
    assert photo.row_count == len(rows(evaluation, "photo")) + 1
    styles = [domain for domain in evaluation.domains if domain != "photo"]
    assert style_table(evaluation, styles).row_count == len(styles)
    first, second = people.shots
    (tmp_path / "groups.csv").write_text(f"identity,age\n{first},old\n{second},young\n")
    table = read_groups(tmp_path / "groups.csv")
    assert table == {"age": {first: "old", second: "young"}}
    grouped = group_table(evaluation, evaluation.cases, "age", table["age"])
    assert [str(column.header) for column in grouped.columns[1:]] == ["old (1)", "young (1)"]
    assert grouped.row_count == len(evaluation.metrics.parts)


@pytest.mark.parametrize("content", [None, "name,age\n1,2\n", "", b"\xff\xfe\x00"], ids=str)
def test_a_table_of_groups_that_is_none_is_told(content, tmp_path):
    file = tmp_path / "groups.csv"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError, match=r"groups\.csv: "):
        read_groups(file)


def test_data_without_two_photos_of_anybody_is_told(tmp_path):
    lines = (SAMPLE / "manifest.jsonl").read_text().splitlines()
    one = json.loads(lines[0])
    (tmp_path / "manifest.jsonl").write_text(json.dumps(one))
    with pytest.raises(DataError, match="nobody in the split test has two photos"):
        read_people(tmp_path, "test", 64, ("photo",))


def test_a_book_replaces_its_own_and_nothing_else(evaluation, people, translator, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):
        book = Book(out)
        for case in evaluation.cases:
            book.see(case, candidates(translator, case.source, case.target, case.domain))
        book.write(evaluation, people, {"name": "weights"})
    page = (out / "index.html").read_text()
    assert "weights" in page
    images = list((out / "images").iterdir())
    assert all(f"images/{image.name}" in page for image in images)
    assert json.loads((out / "evaluation.json").read_text())["schema"] == "ptk.evaluation/1"
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputError, match="no page of ptk eval"):
        Book(tmp_path / "mine")


def test_edits_are_measured_at_the_data_s_own_size_too(translator, small_data, tmp_path):
    folder = tmp_path / "sized"
    shutil.copytree(small_data, folder)
    (folder / "dataset.json").write_text(json.dumps({"licence": "CC0-1.0", "detector": "mesh", "size": 256}))
    people = dataclasses.replace(read_people(folder, "test", 64, ("photo",)), most=1)
    metrics = Metrics.built(load_registry(), ("mse", "skin_detail"), "mesh")
    fine = evaluate_composed(translator, people, metrics, lambda *_: None)
    assert fine.size == 256
    assert fine.domains == ["photo"]
    assert mean(fine.cases, "mse", "true") == 0
    assert mean(fine.cases, "skin_detail", "unchanged") > 0.5
    said = as_json(fine, people, {"name": "w"}, fine)
    assert said["composed"]["size"] == 256
    assert evaluate_composed(Composed(translator, 256), people, metrics, lambda *_: None) is None


def test_composed_pictures_are_those_of_an_edit(people):
    """Where nothing is to move, at the size of the photo, they are the photo itself."""
    shot = next(iter(people.shots.values()))[0]
    weights = load_translator(shipped("cpu"), "cpu")
    fine = read_people(SAMPLE, "test", 256, ("photo",)).shots[shot.identity][0]
    made = Composed(weights, 256).render(fine.crop("photo"), fine.points, fine.points, "photo")
    np.testing.assert_array_equal(made.image, fine.crop("photo"))

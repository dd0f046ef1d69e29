"""A comparison: the same images of all rows, differences that are there and none that are not, and whole files."""

import json

import pytest
import torch

from ptk.errors import PtkError
from ptk.evaluation.comparison.book import ComparisonBook
from ptk.evaluation.comparison.compare import compare, find_styles, read_people_for
from ptk.evaluation.comparison.members import read_members
from ptk.evaluation.comparison.summary import as_json, summarise
from ptk.evaluation.comparison.tables import markdown, rich_table, tex
from ptk.evaluation.evaluate import Metrics
from ptk.registry.registry import load_registry
from untrained import RECIPE, write_untrained

SMALL = RECIPE.replace("size: 64", "size: 48")


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """Weights of noise, those of another seed, twice the same, and some of another size."""
    folder = tmp_path_factory.mktemp("weights")
    loud = write_untrained(folder / "loud_1.safetensors", loud=0.5)
    write_untrained(folder / "still.safetensors")
    write_untrained(folder / "small.safetensors", SMALL)
    return [f"loud={loud}", str(folder / "still.safetensors"), str(folder / "small.safetensors")]


@pytest.fixture(scope="module")
def made(words, small_data, tmp_path_factory):
    members, missing = read_members(words, "cpu")
    styles = find_styles(members, ())
    people, _ = read_people_for(small_data, "train", 64, members, styles, lambda *_: None)
    metrics = Metrics.built(load_registry(), ("mse", "ssim", "skin_detail"), people.detector)
    book = ComparisonBook(tmp_path_factory.mktemp("out") / "page")
    done = compare(people, members, {**missing, "lost_1": "gone"}, metrics, styles, most=1, patience=0, shown=book.see)
    tables = summarise(done)
    book.write(done, tables)
    return done, tables, book.out


def test_each_kind_has_a_table_of_all_rows(made):
    _, tables, _ = made
    assert [table.kind for table in tables] == ["expressions", "styles", "both", "back"]
    for table in tables:
        moves = table.kind in ("expressions", "both")
        assert table.rows == ["loud", "still", "small", "unchanged", *["warp"] * moves, "true"]
        assert table.people == 3
        assert table.left_out == {"lost_1": "gone"}
        assert table.means["true"]["mse"].mean == 0
        assert table.means["true"]["ssim"].mean == pytest.approx(1)
    assert [table.images for table in tables] == [3, 3, 3, 3]
    assert "skin_detail" in tables[0].lower_is_better
    assert "skin_detail" not in tables[1].lower_is_better  # a question to photos


def test_noise_is_worse_than_grey_and_the_page_s_numbers_are_the_cases(made):
    done, tables, _ = made
    expressions = tables[0]
    difference = expressions.differences["still"]["mse"]
    assert difference.is_real
    assert expressions.is_better("mse", difference)
    said = json.loads(json.dumps(as_json(done, tables), allow_nan=False))
    cases = [case for case in said["cases"] if case["kind"] == "expressions"]
    each = {}
    for case in cases:
        each.setdefault(case["person"], []).append(case["values"]["mse"]["still"][0])
    mean = sum(sum(values) / len(values) for values in each.values()) / len(each)
    assert said["tables"][0]["means"]["still"]["mse"]["mean"] == pytest.approx(mean)


def test_times_are_of_everybody(made):
    done, _, _ = made
    assert set(done.seconds) == {"loud", "still", "small"}
    assert all(taken.median > 0 for taken in done.seconds.values())


def test_the_folder_is_whole(made):
    done, tables, out = made
    page = (out / "index.html").read_text()
    images = list((out / "images").iterdir())
    assert len(images) == 4 * 3
    assert all(f"images/{image.name}" in page for image in images)
    assert "\x01" not in page
    assert json.loads((out / "comparison.json").read_text())["schema"] == "ptk.comparison/1"
    said = markdown(done, tables)
    assert (out / "comparison.md").read_text() == said
    assert "| lost_1 | gone |" in said
    assert all(rich_table(table).row_count == len(table.rows) for table in tables)


def test_latex_is_escaped_and_balanced(made):
    done, tables, _ = made
    said = tex(done, tables)
    assert r"lost\_1 & \multicolumn{3}{l}{gone}" in said
    assert r"$\downarrow$" in said
    assert said.count(r"\begin{") == said.count(r"\end{")
    assert said.count("{") == said.count("}")
    assert not {"\x01", "\x02", "↓", "–"} & set(said)


def test_trainings_of_one_row_are_averaged(words, small_data):
    loud, still = words[0].split("=")[1], words[1]
    members, _ = read_members([f"a={loud}", f"a={still}"], "cpu")
    people, _ = read_people_for(small_data, "train", 64, members, [], lambda *_: None)
    metrics = Metrics.built(load_registry(), ("mse",), people.detector)
    [table] = summarise(compare(people, members, {}, metrics, [], most=1, patience=0))
    alone, _ = read_members([loud, still], "cpu")
    [apart] = summarise(compare(people, alone, {}, metrics, [], most=1, patience=0))
    each = [of["mse"].mean for of in list(apart.means.values())[:2]]
    assert table.means["a"]["mse"].mean == pytest.approx(sum(each) / 2)


def test_one_that_fails_on_the_way_says_why_and_the_others_go_on(words, small_data, monkeypatch):
    members, _ = read_members(words, "cpu")
    people, _ = read_people_for(small_data, "train", 64, members, [], lambda *_: None)
    metrics = Metrics.built(load_registry(), ("mse",), people.detector)

    def fail(*_):
        raise RuntimeError("no\nmemory")

    first = members[0]
    monkeypatch.setattr(first.first.generator, "forward", fail)
    done = compare(people, members, {}, metrics, [], most=1, patience=0)
    [table] = summarise(done)
    assert table.reference == "still"
    assert "failed at" in table.left_out["loud"]
    assert "no memory" in table.left_out["loud"]
    with pytest.raises(PtkError, match="nothing can be compared: loud: failed"):
        compare(people, [first], {}, metrics, [], most=1, patience=0)


def test_a_style_that_nobody_knows_is_told(words):
    members, _ = read_members(words, "cpu")
    with pytest.raises(PtkError, match="no weights here know it; they know photo, sketch"):
        find_styles(members, ["ghost"])
    assert find_styles(members, []) == ["sketch"]


def test_what_weights_of_another_size_make_is_brought_to_the_table_s(words, small_data):
    members, _ = read_members(words[2:], "cpu")
    people, _ = read_people_for(small_data, "train", 64, members, [], lambda *_: None)
    metrics = Metrics.built(load_registry(), ("mse",), people.detector)
    seen = []
    compare(people, members, {}, metrics, [], most=1, patience=0, shown=lambda _, images: seen.append(images))
    assert {image.shape for images in seen for image in images.values()} == {torch.Size([1, 3, 64, 64])}

"""``make weights``: stages that are skipped when done, resumed, made again when changed; averages, and the card."""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ptk.errors import PtkError
from ptk.files import write_bytes
from ptk.recipe.weights import read_metadata, write_weights

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
import drawings_stages
import make_weights
from weights_stages import Place, Stage, average, digest_stage, make_stage, prepare, train

sys.path.pop(0)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "photos", None, tmp_path, 1.0, 64)


def writes(name, text, *after, made):
    """A stage that writes `text`, and remembers in `made` that it did."""

    def make(_, folder):
        folder.mkdir(exist_ok=True)
        write_bytes(folder / "text", text.encode())
        made.append(name)

    return Stage(name, after, text, make)


def test_a_stage_is_made_once_and_again_with_all_after_it_when_it_changes(place):
    made = []
    stages = {"a": writes("a", "one", made=made), "b": writes("b", "two", "a", made=made)}
    for _ in range(2):
        for stage in stages.values():
            make_stage(stage, place, stages)
    assert made == ["a", "b"]
    stages["a"] = writes("a", "three", made=made)
    for stage in stages.values():
        make_stage(stage, place, stages)
    assert made == ["a", "b", "a", "b"]
    assert (place.out / "a" / "text").read_text() == "three"


def test_an_interrupted_stage_keeps_what_it_has_but_not_of_another_input(place):
    def stop(_, folder):
        folder.mkdir(exist_ok=True)
        (folder / f"checkpoint-{len(list(folder.iterdir()))}").touch()
        raise KeyboardInterrupt

    stage = Stage("a", (), "one", stop)
    for count in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            make_stage(stage, place, {"a": stage})
        assert len(list((place.out / "a").iterdir())) == count
    other = replace(stage, key="two")
    with pytest.raises(KeyboardInterrupt):
        make_stage(other, place, {"a": other})
    assert len(list((place.out / "a").iterdir())) == 1


def test_an_average_takes_shares_of_weights_and_less_of_their_motion(place):
    for name, value in (("a", 1.0), ("b", 3.0)):
        tensors = {"generator.head.weight": torch.full((4, 2), value), "other": torch.full((2,), value)}
        tensors["generator.head.bias"] = torch.full((4,), value)
        (place.out / name).mkdir()
        write_weights(
            place.out / name / "weights.safetensors",
            tensors,
            {"schema": "ptk.weights/1", "recipe": {"recipe": "a"}, "made": name},
        )
    stage = average("mean", {"a": 0.5, "b": 0.5}, motion=0.5)
    stage.make(place, place.out / "mean")
    file = place.out / "mean" / "weights.safetensors"
    mean = load_file(file)
    assert mean["other"].tolist() == [2, 2]
    assert mean["generator.head.bias"].tolist() == [1, 1, 2, 2]
    assert read_metadata(file)["made"] == "b"


def test_every_stage_comes_after_those_that_it_needs():
    names = list(make_weights.STAGES)
    for name, stage in make_weights.STAGES.items():
        assert all(names.index(each) < names.index(name) for each in stage.after)


def test_the_card_gets_the_measured_numbers_and_keeps_the_rest():
    metrics = {key: {"result": 0.5, "unchanged": 0.25, "warp": 1.0, "true": None} for key in make_weights.ROWS}
    numbers = {"domains": {"photo": {"metrics": metrics}}}
    card = make_weights.CARD.read_text()
    filled = make_weights.fill_card(card, numbers)
    assert "| SSIM, face box | 0.500 | 0.250 | 1.000 |  |" in filled
    assert filled.split("<!-- end -->")[1] == card.split("<!-- end -->")[1]
    with pytest.raises(PtkError, match="put them around its table"):
        make_weights.fill_card("no marks", numbers)


def test_the_declaration_gets_the_sha256_of_new_files():
    declared = make_weights.CARD.with_name("portraits.py").read_text()
    assert make_weights.declare_files(declared, make_weights.CARD.parent) == declared
    old = re.sub(r'"[0-9a-f]{64}"', f'"{"0" * 64}"', declared)
    assert old != declared
    assert make_weights.declare_files(old, make_weights.CARD.parent) == declared


def test_every_tenth_of_other_portraits_is_left_out(place):
    folder = place.out / "portraits"
    (folder / "more").mkdir(parents=True)
    for number in range(25):
        (folder / ("more" if number > 9 else ".") / f"{number:02}.jpg").touch()
    drawn = drawings_stages._list_portraits(replace(place, portraits=folder))
    assert [int(path.stem) for path in drawn] == [number for number in range(25) if number % 10]
    assert drawings_stages._list_portraits(place) == []


def test_drawings_are_of_the_people_to_train_on(place):
    place.london.mkdir()
    for name in ("001_neutral", "001_smile", "002_neutral"):
        (place.london / f"{name}.jpg").touch()
    assert [path.stem for path in drawings_stages._list_london(place, {"london-001"})] == ["001_neutral", "001_smile"]
    assert len(drawings_stages._list_london(place, None)) == 3


def test_data_stay_where_the_share_of_steps_changes_and_trainings_do_not(place):
    stages = {"heads": prepare("heads", "", "--split", "0.5"), "photos": train("photos", "portraits-photos", "heads")}
    less = replace(place, share=0.5)
    same = {
        name: digest_stage(stage, place, stages) == digest_stage(stage, less, stages) for name, stage in stages.items()
    }
    assert same == {"heads": True, "photos": False}


def test_other_portraits_are_drawn_anew(place):
    stage = drawings_stages.draw("drawings", "chosen")
    stages = {"chosen": Stage("chosen", (), "", lambda place, folder: None), "drawings": stage}
    folder = place.out / "portraits"
    folder.mkdir()
    digests = {digest_stage(stage, place, stages), digest_stage(stage, replace(place, portraits=folder), stages)}
    (folder / "a.jpg").write_bytes(b"1")
    digests.add(digest_stage(stage, replace(place, portraits=folder), stages))
    assert len(digests) == 2  # nothing, or an empty folder; one with a photo


@pytest.mark.slow
def test_a_training_stage_twice_gives_the_same_tensors(place):
    data = prepare("heads", "p0[01]_*.jpg", "--split", "0.5")
    stage = replace(train("photos", "portraits-photos", "heads"), steps=2)
    stages = {"heads": data, "photos": stage}
    small = replace(place, share=0.001)
    found = []
    for _ in range(2):
        for each in stages.values():
            make_stage(each, small, stages)
        found.append(load_file(place.out / "photos" / "weights.safetensors"))
        shutil.rmtree(place.out / "photos")
    first, second = found
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)

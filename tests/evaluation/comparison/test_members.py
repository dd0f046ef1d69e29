"""Weights say what they can be asked; files that cannot be opened say why not."""

import shutil

import pytest

from ptk.editing.loading import SHIPPED
from ptk.errors import PtkError
from ptk.evaluation.comparison.members import read_members
from ptk.evaluation.comparison.trials import BACK, BOTH, EXPRESSIONS, STYLES, plan_trials
from ptk.evaluation.people import People, Shot
from untrained import RECIPE, write_untrained

STARS = """
recipe: stars
data: {source: sample, size: 32, domains: expressions, pairs: unpaired}
domains: [neutral, happiness]
conditioners: [domain_planes]
generator: {portraitgan: {width: 4, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 4}}
losses: {critic: {lsgan: 1}, generator: {lsgan: 1, cycle: 1}}
training: {steps: 10, batch: 1}
"""
CYCLES = (
    STARS.replace("domains: expressions, ", "")
    .replace("[neutral, happiness]", "[photo, sketch]")
    .replace("conditioners: [domain_planes]\n", "")
    .replace("{portraitgan: {width: 4, down: 2, blocks: 1}}", "{resnet: {width: 4, blocks: 1}, each: domain}")
)
RECIPES = {
    "whole": RECIPE,
    "stars": STARS,
    "cycles": CYCLES,
    "aligned": CYCLES.replace("pairs: unpaired", "pairs: photo, one_way: true").replace(", each: domain", ""),
    "one-way": RECIPE.replace("size: 64", "size: 64, one_way: true"),
    "waves": CYCLES.replace("sketch", "wave"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return {name: write_untrained(folder / f"{name}.safetensors", text) for name, text in RECIPES.items()}


@pytest.fixture(scope="module")
def people():
    def shot(name, expression):
        return Shot(name[:1], name, expression, None, 0, dict.fromkeys(("photo", "sketch"), None))

    shots = {who: [shot(f"{who}1", "neutral"), shot(f"{who}2", "happiness"), shot(f"{who}3", "fear")] for who in "ab"}
    return People(None, "test", shots, "", "")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("whole", {EXPRESSIONS: 12, STYLES: 6, BOTH: 12, BACK: 6}),
        ("stars", {EXPRESSIONS: 8}),  # to either of its two words, from another expression
        ("cycles", {STYLES: 6, BACK: 6}),
        ("aligned", {STYLES: 6}),
        ("one-way", {EXPRESSIONS: 12, STYLES: 6, BOTH: 12}),
    ],
)
def test_weights_are_asked_for_what_they_learned(files, people, name, asked):
    members, _ = read_members([str(files[name])], "cpu")
    plans = plan_trials(people, members, ["sketch"], 0)
    assert {plan.kind: len(plan.trials) for plan in plans} == asked


def test_all_rows_of_a_table_are_of_the_same_images_and_others_say_why(files, people):
    members, _ = read_members([str(files[name]) for name in ("whole", "stars", "cycles", "waves")], "cpu")
    plans = {plan.kind: plan for plan in plan_trials(people, members, ["sketch"], 0)}
    assert {kind: plan.members for kind, plan in plans.items()} == {
        EXPRESSIONS: ["whole", "stars"],
        STYLES: ["whole", "cycles"],
        BOTH: ["whole"],
        BACK: ["whole", "cycles"],
    }
    assert len(plans[EXPRESSIONS].trials) == 8
    assert plans[EXPRESSIONS].left_out["cycles"] == "hears no landmarks: no face moves"
    assert plans[STYLES].left_out["stars"] == "is told words for expressions, no style"
    assert plans[STYLES].left_out["waves"] == "leads to none of these: it knows photo, wave"


def test_what_shares_nothing_with_those_before_is_left_out(files, people):
    both = ("photo", "sketch", "wave")
    shots = {
        who: [Shot(who, one.photo, one.expression, None, 0, dict.fromkeys(both, None)) for one in those]
        for who, those in people.shots.items()
    }
    members, _ = read_members([str(files["cycles"]), str(files["waves"])], "cpu")
    plans = plan_trials(People(None, "test", shots, "", ""), members, ["sketch", "wave"], 0)
    assert [plan.left_out for plan in plans] == [{"waves": "shares nothing with cycles"}] * 2


def test_few_trials_are_of_every_person_and_style(files, people):
    members, _ = read_members([str(files["whole"])], "cpu")
    plans = plan_trials(people, members, ["sketch"], 1)
    assert {plan.kind: [trial.source.identity for trial in plan.trials] for plan in plans} == {
        kind: ["a", "b"] for kind in (EXPRESSIONS, STYLES, BOTH, BACK)
    }


def test_runs_go_by_their_folder_and_those_of_one_name_are_one_row(files, tmp_path):
    (tmp_path / "run").mkdir()
    shutil.copy(files["whole"], tmp_path / "run" / "weights.safetensors")
    again = shutil.copy(files["whole"], tmp_path / "again.safetensors")
    words = [str(tmp_path / "run"), f"mine={files['whole']}", f"mine={again}", str(files["stars"])]
    members, missing = read_members(words, "cpu")
    assert [(member.name, len(member.translators)) for member in members] == [("run", 1), ("mine", 2), ("stars", 1)]
    assert not missing
    assert members[0].parameters == sum(one.numel() for one in members[0].first.generator.parameters())


def test_what_cannot_be_opened_says_why_and_what_is_not_at_its_end_how_far_it_is(files, tmp_path):
    damaged, old, run = tmp_path / "damaged.safetensors", tmp_path / "old.safetensors", tmp_path / "run"
    damaged.write_bytes(files["whole"].read_bytes()[:3000])
    write_untrained(old, schema="ptk.weights/0")
    (run / "checkpoints" / "00000400").mkdir(parents=True)
    early = write_untrained(tmp_path / "early.safetensors", STARS, step=4)
    words = [damaged, old, run, tmp_path / "none", early, f"two={damaged}", f"two={files['whole']}"]
    members, missing = read_members(list(map(str, words)), "cpu")
    assert {member.name: member.note.split(":")[0] for member in members} == {
        "early": "step 4 of 10",
        "two": "1 of 2 trainings are missing",
    }
    for name, said in {
        "damaged": "not a whole safetensors file",
        "old": "not weights of ptk",
        "run": "its last checkpoint is of step 400",
        "none": "none",
    }.items():
        assert said in missing[name]
        assert "\n" not in missing[name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("whole", "copy/whole"), "would be called whole"),
        (("a=whole", "a=stars"), "was not trained for what"),
        (("true=whole",), "true is what another row is called"),
        (("a=whole", "a=whole"), "is named twice"),
    ],
    ids=str,
)
def test_rows_that_would_be_mixed_up_are_refused(files, tmp_path, words, said):
    (tmp_path / "copy").mkdir()
    shutil.copy(files["whole"], tmp_path / "copy")
    known = {"copy/whole": tmp_path / "copy" / "whole.safetensors", **files}
    named = []
    for word in words:
        name, equals, file = word.rpartition("=")
        named.append(f"{name}{equals}{known[file]}")
    with pytest.raises(PtkError, match=said):
        read_members(named, "cpu")


def test_exported_weights_take_part(people):
    members, missing = read_members([str(SHIPPED / "portraits.onnx")], "cpu")
    assert not missing
    assert members[0].parameters is None
    assert {plan.kind for plan in plan_trials(people, members, ["sketch"], 0)} == {EXPRESSIONS, STYLES, BOTH}

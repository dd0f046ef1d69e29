"""Ten simulated people with known preferences are found within the intervals; who does not look is left out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.errors import DataError
from ptk.evaluation.study.answers import ANSWERS, KEY, QUESTIONS, Key, parse_answers, read_answers, read_key
from ptk.evaluation.study.ranking import Rankings, find_agreement
from ptk.evaluation.study.report import as_json, markdown, report

TRUE = {"ours": 0.5, "stargan": 0.3, "cyclegan": 0.2}
GROUPS = {f"g{number:02}": {f"g{number:02}-{one}.jpg": name for one, name in enumerate(TRUE)} for number in range(40)}
CHECKS = {"g38": "g38-0.jpg", "g39": "g39-0.jpg"}
KEYED = Key("s1", tuple(TRUE), GROUPS, CHECKS)


def draw(rng, names):
    """A ranking by the Plackett-Luce model (Gumbel's trick)."""
    return sorted(names, key=lambda name: -(np.log(TRUE[name]) + rng.gumbel()))


def simulate(seed, *, looks=True):
    """What one person sends back; one who does not look ranks at random."""
    rng = np.random.default_rng(seed)
    answers = []
    for turn in (1, 2):
        for group, pictures in GROUPS.items():
            by_name = {name: picture for picture, name in pictures.items()}
            for question in QUESTIONS:
                ranking = [by_name[name] for name in draw(rng, list(TRUE))]
                if not looks:
                    rng.shuffle(ranking)
                elif group in CHECKS:
                    ranking = [*(each for each in ranking if each != CHECKS[group]), CHECKS[group]]
                answers.append({"round": turn, "group": group, "question": question, "ranking": ranking})
    return {"schema": ANSWERS, "study": "s1", "rater": f"rater{seed}", "answers": answers}


@pytest.fixture(scope="module")
def found():
    raters = [simulate(seed) for seed in range(10)]
    return report(KEYED, [parse_answers(one, KEYED, "x") for one in raters], {})


def test_ten_people_s_preferences_are_found_within_the_intervals(found):
    assert found.raters == 10
    assert len(found.findings) == 4
    hits = [
        each.strengths[name].low <= true <= each.strengths[name].high
        for each in found.findings
        for name, true in TRUE.items()
    ]
    assert sum(hits) >= 11  # of 12 intervals that hold 95 % each
    for each in found.findings:
        assert each.rankings == 10 * 38
        assert sum(one.mean for one in each.strengths.values()) == pytest.approx(1)
        assert sum(one.mean for one in each.shares.values()) == pytest.approx(1)
        assert each.shares["ours"].low > each.shares["cyclegan"].high
        assert 0 < each.agreement < 0.5


def test_the_report_is_a_table_and_json(found):
    said = markdown(found)
    assert "| ours | " in said
    assert "5 seconds, realism" in said
    assert json.loads(json.dumps(as_json(found), allow_nan=False))["raters"] == 10


def test_who_does_not_look_and_who_sends_twice_does_not_count_twice():
    careless = next(one for seed in range(50, 90) if (one := simulate(seed, looks=False)) and _fails(one))
    twice = [simulate(1), simulate(1)]
    twice[0]["answers"] = twice[0]["answers"][:4]
    answers = [parse_answers(one, KEYED, "x") for one in (careless, *twice)]
    found = report(KEYED, answers, {"lost.json": "gone"})
    assert found.raters == 1
    assert found.findings[0].rankings == 38
    assert found.left_out["lost.json"] == "gone"
    assert "questions for attention" in found.left_out[careless["rater"]]
    assert np.isnan(found.findings[0].shares["ours"].low)  # of one person there is no interval


def _fails(said):
    failed, asked = parse_answers(said, KEYED, "x").count_failed(KEYED)
    return failed / asked > 1 / 3


def test_of_two_it_is_the_bradley_terry_model_and_groups_may_differ():
    wins = [["a", "b"]] * 30 + [["b", "a"]] * 10
    strengths = Rankings(wins, ["x"] * 40, ["a", "b", "c"]).find_strengths()
    assert strengths["a"].mean / strengths["b"].mean == pytest.approx(3, rel=0.05)
    mixed = [["a", "b"]] * 20 + [["b", "a"]] * 10 + [["b", "c"]] * 20 + [["c", "b"]] * 10
    chained = Rankings(mixed, ["x"] * 60, ["a", "b", "c"]).find_strengths()
    assert chained["a"].mean > chained["b"].mean > chained["c"].mean  # a never met c


def test_agreement_is_1_alike_and_minus_1_the_other_way_round():
    assert find_agreement([[["a", "b", "c"]] * 3]) == 1
    assert find_agreement([[["a", "b"], ["b", "a"]]]) == -1
    assert np.isnan(find_agreement([[["a", "b"]]]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said | {"study": "other"},
        lambda said: said | {"rater": ""},
        lambda said: said | {"answers": 3},
        lambda said: said | {"answers": [{"round": 3}]},
        lambda said: said | {"answers": [said["answers"][0] | {"ranking": ["g00-0.jpg"] * 3}]},
        lambda said: said | {"answers": [said["answers"][0] | {"group": "ghost"}]},
        lambda said: said | {"schema": "other/1"},
    ],
)
def test_answers_that_are_none_are_told(spoil, tmp_path):
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(spoil(simulate(0))))
    with pytest.raises(DataError, match=r"answers\.json: ") as refused:
        read_answers(file, KEYED)
    assert "\n" not in str(refused.value)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_a_file_holds_it_is_a_line(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("study")
    (folder / "key.json").write_bytes(content)
    for read in (lambda: read_answers(folder / "key.json", KEYED), lambda: read_key(folder)):
        with pytest.raises(DataError):
            read()


def test_a_damaged_key_is_told(tmp_path):
    whole = {"schema": KEY, "study": "s1", "names": list(TRUE), "groups": GROUPS, "checks": CHECKS}
    (tmp_path / "key.json").write_text(json.dumps(whole))
    assert read_key(tmp_path) == KEYED
    for name, value in (("names", [1]), ("groups", {"a": {"b": "ghost"}}), ("checks", {"g00": "ghost"}), ("study", 1)):
        (tmp_path / "key.json").write_text(json.dumps(whole | {name: value}))
        with pytest.raises(DataError, match="is damaged"):
            read_key(tmp_path)

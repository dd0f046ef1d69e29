"""Sets without faces: whole pictures, a folder a domain, no detector and no landmarks."""

import io
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from ptk.curate.check import check
from ptk.curate.fix import fix
from ptk.curate.join import join
from ptk.curate.report import write_report
from ptk.curate.summary import summarise
from ptk.data.source import open_source
from ptk.dataset.manifest import read_description, read_manifest, write_manifest
from ptk.dataset.shards import Shards, write_shards
from ptk.errors import DataError
from ptk.prepare.messages import Settings, Task
from ptk.prepare.prepare import parse_styles, prepare
from ptk.prepare.worker import Worker
from ptk.recipe.load import load_recipe
from ptk.types import MediaFile
from textures import make_textures

CPU = torch.device("cpu")
OF_SET = [
    "data.domains=images",
    "domains=[stripes, dots]",
    "data.size=32",
    "data.pairs=unpaired",
    "losses.generator={lsgan: 1, cycle: 2}",
]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    return make_textures(tmp_path_factory.mktemp("textures") / "pictures")


@pytest.fixture(scope="session")
def textures(pictures):
    """A prepared set of ten stripes and ten dots."""
    made = pictures.parent / "set"
    prepare([pictures], made, size=32, faces=False, detector="none of ours", workers=2)
    return made


@pytest.fixture
def spoilt(textures, tmp_path):
    return shutil.copytree(textures, tmp_path / "set")


def recipe_of(source, *settings):
    return load_recipe("portraitgan-tiny", [f"data.source={source}", *OF_SET, *settings])


def test_pictures_are_split_in_every_domain_and_have_no_landmarks(textures):
    entries = read_manifest(textures)
    for domain in ("stripes", "dots"):
        sides = [entry.split for entry in entries if entry.domain == domain]
        assert (sides.count("train"), sides.count("test")) == (7, 3)
    assert {entry.landmarks for entry in entries} == {None}
    assert len({entry.identity for entry in entries}) == 20
    assert entries[0].image == "images/dots/dots_00.jpg"
    described = read_description(textures)
    assert (described.faces, described.detector, described.margin, described.size) == (False, "none", 0, 32)
    assert json.loads((textures / "dataset.json").read_text())["faces"] is False


def test_the_square_in_the_middle_is_taken_and_a_margin_is_part_of_it(tmp_path):
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 20:60] = 200  # the middle square is bright, what is beside it dark
    Image.fromarray(pixels).save(tmp_path / "a.png")
    task = Task(0, MediaFile(tmp_path / "a.png", "a", "a", domain="bright"))
    for margin, stored in ((0.0, 32), (0.25, 48)):
        worker = Worker(Settings(32, margin, "none of ours", 1, (), "cpu", faces=False))
        (face,) = worker.run(task).faces
        image = np.asarray(Image.open(io.BytesIO(face.images["bright"])))
        assert image.shape == (stored, stored, 3)
        assert image.min() > 190  # JPEG is a level or two off
        assert (face.points, face.side) == ((), round(40 * 32 / stored, 1))


def test_it_goes_on_where_it_was_and_tells_what_is_damaged(pictures, tmp_path):
    source = shutil.copytree(pictures, tmp_path / "pictures")
    (source / "dots" / "torn.jpg").write_bytes((source / "dots" / "00.png").read_bytes()[:200])
    (source / "dots" / "tiny.png").write_bytes(small_png())
    settings = {"size": 32, "faces": False, "workers": 1}

    def interrupt(_, done, __):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare([source], tmp_path / "set", progress=interrupt, **settings)
    rest = prepare([source], tmp_path / "set", **settings)
    assert rest.made == 20 - 5
    assert sorted(one.path for one in rest.skipped) == ["dots/tiny.png", "dots/torn.jpg"]
    again = prepare([source], tmp_path / "set", **settings)
    assert again.made == 0
    assert again.entries == rest.entries
    faces = prepare([source], tmp_path / "set", **{**settings, "size": 64})
    assert faces.made == 20


def small_png():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_published_folders_give_their_own_split(pictures, tmp_path):
    for side, numbers in (("train", "0123"), ("test", "45")):
        for letter, kind in (("A", "stripes"), ("B", "dots")):
            for number in numbers:
                target = tmp_path / "pictures" / f"{side}{letter}" / f"{number}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(pictures / kind / f"0{number}.png", target)
    prepared = prepare([tmp_path / "pictures"], tmp_path / "set", size=32, faces=False, workers=1)
    found = {(entry.domain, entry.split) for entry in prepared.entries}
    assert found == {(letter, side) for letter in "AB" for side in ("train", "test")}
    assert sum(entry.split == "test" for entry in prepared.entries) == 4


def test_styles_that_look_at_no_face_can_be_rendered(pictures, tmp_path):
    (tmp_path / "pictures").mkdir()
    shutil.copytree(pictures / "dots", tmp_path / "pictures" / "photo")
    prepared = prepare(
        [tmp_path / "pictures"], tmp_path / "set", size=32, faces=False, styles=parse_styles(["sketch"]), workers=1
    )
    assert prepared.domains == ("photo", "sketch")
    assert len(prepared.entries) == 20
    assert {entry.landmarks for entry in prepared.entries} == {None}
    recipe = recipe_of(tmp_path / "set", "data.domains=parts", "domains=[photo, watercolor]")
    faces = open_source(recipe).load("train")  # renders what is missing, too
    assert sorted(faces.domain.tolist()) == [0] * 7 + [1] * 7


def test_in_memory_their_points_are_nan(textures):
    recipe = recipe_of(textures, "conditioners=[domain_planes]")
    open_source(recipe).check()
    pair = open_source(recipe).training_pairs(CPU).batch(0)
    assert pair.a.points.isnan().all()
    assert (pair.a.segments, pair.b.segments) == (((0, 1),), ((1, 1),))
    assert open_source(recipe).description["faces"] == "none"
    assert sorted(open_source(recipe).held_out().domain.tolist()) == [0] * 3 + [1] * 3


def test_check_finds_and_mends_what_is_wrong(spoilt):
    assert check(spoilt).clean
    entries = read_manifest(spoilt)
    (spoilt / entries[0].image).write_bytes(b"no picture")
    shutil.copy(spoilt / entries[1].image, spoilt / entries[2].image)
    write_manifest(spoilt, [*entries, entries[3]])
    report = check(spoilt)
    assert sorted(problem.kind for problem in report.problems) == ["changed", "damaged", "twice"]
    assert "is the same file as" in next(remark.what for remark in report.remarks if remark.kind == "same")
    mended = fix(spoilt)
    assert mended.report.clean
    assert len(read_manifest(spoilt)) == 18
    assert "18 images without faces: 1 remark" in mended.report.summary()  # the two files are still there


def test_a_set_with_faces_that_lost_landmarks_is_mended(spoilt_set):
    first, *others = read_manifest(spoilt_set)
    write_manifest(spoilt_set, [replace(first, landmarks=None), *others])
    (problem,) = [each for each in check(spoilt_set).problems if each.image == first.image and each.kind == "landmarks"]
    assert problem.what == "has no landmarks, and dataset.json does not say that the set has no faces"
    fix(spoilt_set)
    found = next(entry for entry in read_manifest(spoilt_set) if entry.image == first.image)
    assert np.abs(np.subtract(found.landmarks, first.landmarks)).max() < 1.5  # pixels of 120: found in a JPEG anew


def test_summary_and_page_speak_of_pictures(textures, tmp_path):
    summary = summarise(textures)
    assert (summary.faces, summary.eyes, summary.spread) == (False, None, {})
    assert summary.photos == {"train": 14, "test": 6}
    assert summary.verdict()[0] == "Only 10 pictures in dots: expect the network to know them by heart."
    write_report(textures, tmp_path / "page")
    page = (tmp_path / "page" / "index.html").read_text()
    assert "20 images without faces" in page
    assert "person" not in page.split("<h1>")[1]
    assert sorted(each.name for each in (tmp_path / "page" / "sheets").iterdir()) == ["domain-1.jpg", "domain-2.jpg"]


def test_two_sets_of_other_folders_are_joined(pictures, prepared_set, tmp_path):
    for kind in ("stripes", "dots"):
        shutil.copytree(pictures / kind, tmp_path / "of" / kind / kind)
        prepare([tmp_path / "of" / kind], tmp_path / kind, size=32, faces=False, workers=1)
    entries = join([tmp_path / "stripes", tmp_path / "dots"], tmp_path / "both")
    assert len(entries) == 20
    assert read_description(tmp_path / "both").faces is False
    assert check(tmp_path / "both").clean
    with pytest.raises(DataError, match=r"dots was prepared without faces, .*set with them"):
        join([tmp_path / "dots", prepared_set], tmp_path / "mixed")


def test_shards_hold_them_too(textures, tmp_path):
    written = write_shards(textures, str(tmp_path / "shards"), photos=4)
    assert Shards.open(written.url).faces is False
    recipe = recipe_of(written.url)
    pair = open_source(recipe).training_pairs(CPU).batch(3)
    assert pair.a.points.isnan().all()
    assert open_source(recipe).description["faces"] == "none"

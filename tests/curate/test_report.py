"""The page shows everybody, says what is thin, and takes no orders from the names of files."""

import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ptk.curate.report
from ptk.curate.report import write_report
from ptk.curate.summary import expression_spread, summarise
from ptk.dataset.journal import read_records, write_records
from ptk.dataset.manifest import MANIFEST, SAMPLE, read_manifest, write_manifest
from ptk.errors import DataError, OutputError

VOID = {"meta", "img", "link", "br"}


class Elements(HTMLParser):
    """All elements of a page with their attributes, and its text; what is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text += text

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def opened(out: Path) -> Elements:
    return Elements((out / "index.html").read_text(encoding="utf-8"))


def test_every_person_and_every_domain_has_a_sheet(prepared_set, tmp_path):
    summary = write_report(prepared_set, tmp_path / "page")
    page = opened(tmp_path / "page")
    images = page.all("img")
    assert len(images) == 2 + 6  # domains, people
    for image in images:
        with Image.open(tmp_path / "page" / image["src"]) as sheet:
            assert sheet.size == (2 * int(image["width"]), 2 * int(image["height"]))
        assert image["alt"]
    assert {"p00 with landmarks drawn: happiness, neutral", "6 people in the domain sketch"} <= {
        image["alt"] for image in images
    }
    assert summary.people == {"train": 4, "test": 2}
    assert (summary.pairs, summary.crops is not None, summary.enlarged) == (6, True, 0)
    for said in ("6 people, 12 photos, 24 images", "to train4 people, 8 photos", *summary.verdict()):
        assert said in page.text


def test_the_page_needs_neither_network_nor_script(prepared_set, tmp_path):
    write_report(prepared_set, tmp_path / "page")
    text = (tmp_path / "page" / "index.html").read_text()
    page = Elements(text)
    assert not page.all("script") and not page.all("link")
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert all(image["src"].startswith("sheets/") for image in page.all("img"))


def test_landmarks_are_drawn_where_they_are(prepared_set, tmp_path):
    write_report(prepared_set, tmp_path / "page")
    image = next(one for one in opened(tmp_path / "page").all("img") if one["alt"].startswith("p00"))
    sheet = np.array(Image.open(tmp_path / "page" / image["src"]).convert("RGB")).astype(int)
    entry = next(one for one in read_manifest(prepared_set) if one.photo == "p00_happiness" and one.domain == "photo")
    x, y = (np.array(entry.landmarks) * 240 / 120).astype(int).T  # a tile has 240 pixels, the image 120
    green = sheet[..., 1] - sheet[..., [0, 2]].mean(axis=-1)
    assert np.median(green[y, x]) > 40 > np.median(green[:240, :240])


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)> & \u202e \x1b[2J'


def test_names_are_text_whatever_they_say(prepared_set, tmp_path):
    folder = Path(shutil.copytree(prepared_set, tmp_path / HOSTILE.replace("/", "")))
    entries = [
        replace(entry, identity=HOSTILE, domain=entry.domain + HOSTILE, expression=HOSTILE, photo=HOSTILE + entry.photo)
        for entry in read_manifest(folder)
    ]
    write_manifest(folder, entries)
    write_report(folder, tmp_path / "page")
    page = opened(tmp_path / "page")
    assert not page.all("script")
    assert len(page.all("img")) == 2 + 1
    assert all(set(image) == {"src", "width", "height", "alt", "loading"} for image in page.all("img"))
    assert HOSTILE in page.text
    assert sorted(path.name for path in (tmp_path / "page" / "sheets").iterdir()) == [
        "domain-1.jpg", "domain-2.jpg", "person-001.jpg"
    ]  # fmt: skip


def test_damage_leaves_a_cross_and_is_counted(spoilt_set, manifest, tmp_path):
    manifest.image(1).unlink()
    manifest.entries[3] = replace(manifest.entries[3], landmarks=((1.0, 1.0),) * 68)
    manifest.write()
    with (spoilt_set / MANIFEST).open("a") as file:
        file.write("{}\n")
    summary = write_report(spoilt_set, tmp_path / "page")
    assert summary.verdict()[0].startswith("1 lines of the manifest are no entries: a check")
    assert "1 cannot be read" in opened(tmp_path / "page").text


def test_odd_landmarks_come_first(spoilt_set, manifest, tmp_path):
    manifest.entries[9] = replace(
        manifest.entries[9], landmarks=tuple((y, x) for x, y in manifest.entries[9].landmarks)
    )
    manifest.write()
    write_report(spoilt_set, tmp_path / "page")
    first = next(one for one in opened(tmp_path / "page").all("img") if "landmarks" in one["alt"])
    assert first["alt"].startswith(manifest.entries[9].identity)


def test_many_people_and_photos_are_bounded_and_the_page_says_so(prepared_set, tmp_path, monkeypatch):
    monkeypatch.setattr(ptk.curate.report, "PEOPLE", 4)
    monkeypatch.setattr(ptk.curate.report, "PHOTOS", 1)
    write_report(prepared_set, tmp_path / "page")
    page = opened(tmp_path / "page")
    assert len(page.all("img")) == 2 + 4
    assert "The first 4 of 6 people are shown. Of each, the 1 photos with the oddest landmarks." in page.text
    assert "2 photos, 1 shown" in page.text


def test_a_page_is_made_again_and_nothing_else_is_overwritten(prepared_set, tmp_path):
    out = tmp_path / "page"
    write_report(prepared_set, out)
    (out / "sheets" / "person-999.jpg").touch()
    write_report(prepared_set, out)
    assert not (out / "sheets" / "person-999.jpg").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("<h1>my own page</h1>")
    for taken in (tmp_path / "mine", prepared_set, tmp_path / "mine" / "index.html"):
        with pytest.raises(OutputError, match="is there already, and no page of ptk data show"):
            write_report(prepared_set, taken)
    assert (tmp_path / "mine" / "index.html").read_text() == "<h1>my own page</h1>"


def test_what_is_no_data_set_is_one_error(tmp_path):
    with pytest.raises(DataError, match="no data set here"):
        write_report(tmp_path, tmp_path / "page")
    (tmp_path / MANIFEST).write_text("{}\n")
    with pytest.raises(DataError, match="no line of its manifest is an entry"):
        write_report(tmp_path, tmp_path / "page")


FACES = {
    entry.photo: np.array(entry.landmarks) for entry in read_manifest(SAMPLE) if entry.identity in ("p00", "p01", "p02")
}


def test_spread_is_of_expressions_not_of_people_or_poses():
    """The same face twice, elsewhere and larger, has no spread; a mouth that opens has some, in the mouth."""
    face = FACES["p00_neutral"]
    still = expression_spread([face, face * 1.5 + 20, FACES["p01_neutral"]], ["a", "a", "b"])
    assert max(still.values()) < 1e-6
    opened = face.copy()
    opened[48:68, 1] += 0.1 * np.linalg.norm(face[45] - face[36])
    moved = expression_spread([face, opened], ["a", "a"])
    # two values 0.1 apart have the standard deviation 0.1 / sqrt(2); turning the mean face changes it by a little
    assert moved["mouth"] == pytest.approx(10 / np.sqrt(2), rel=0.1)
    assert moved["brows"] == moved["eyes"] == moved["jaw"] == 0


def test_spread_of_single_photos_is_not_known():
    assert expression_spread(list(FACES.values())[:1], ["a"]) == {}
    assert expression_spread([np.zeros((68, 2))] * 2, ["a", "a"]) == {}


def test_enlarged_faces_are_counted(spoilt_set):
    records = read_records(spoilt_set)
    sides = iter((95.9, 60, 100, 96))  # of 96 pixels: enlarged, soft, and two that are neither

    def told(face):
        return replace(face, side=next(sides, 200))

    write_records(spoilt_set, [replace(record, faces=tuple(told(face) for face in record.faces)) for record in records])
    summary = summarise(spoilt_set)
    assert (summary.enlarged, summary.soft) == (2, 1)
    assert (summary.crops.least, summary.crops.median, summary.crops.most) == (60, 200, 200)
    assert "1 of 12 faces had less than three quarters of the 96 pixels they have now" in " ".join(summary.verdict())


def sentences(tmp_path, entries):
    write_manifest(tmp_path, entries)
    return " ".join(summarise(tmp_path).verdict())


def test_the_verdict_names_what_is_thin(tmp_path):
    entries = read_manifest(SAMPLE)
    assert sentences(tmp_path, entries) == "Nothing of it looks thin."
    neutral = [entry for entry in entries if entry.expression == "neutral"]
    assert sentences(tmp_path, neutral) == (
        "There is one photo of each person, so no pair is a change of expression: set data.pairs: warp."
    )
    some = [entry for entry in entries if entry.identity < "p12" or entry.expression == "neutral"]
    assert "12 of 24 people have one photo only: data.pairs: mixed" in sentences(tmp_path, some)
    still = [entry for entry in entries if entry.expression in ("neutral", "anger")]
    assert "hardly differ in" in sentences(tmp_path, still)
    few = [entry for entry in entries if entry.identity < "p06"]
    assert "Only 6 people: expect" in sentences(tmp_path, few)
    assert "Only 1 person to test with" in sentences(tmp_path, few)
    uneven = [entry for entry in entries if entry.identity == "p03" or entry.expression == "neutral"]
    assert "p03 has 8 photos, half of the people 1 or fewer" in sentences(tmp_path, uneven)
    sketched = [*entries, replace(entries[0], domain="sketch")]
    assert "sketch has 1 images of 192 photos" in sentences(tmp_path, sketched)

"""After --fix a data set is clean, whatever was wrong with it; what was done is told, and nothing is half done."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import ptk.curate.fix
from ptk.curate.check import check
from ptk.curate.fix import BACKUP, fix
from ptk.dataset.journal import read_records
from ptk.dataset.manifest import DATASET, MANIFEST, UNFINISHED, read_manifest
from ptk.errors import DataError


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def mended(folder, **options):
    """What is listed after a mend; a second check is clean."""
    result = fix(folder, **options)
    assert result.report.clean, [result.report.sentence(problem) for problem in result.report.problems]
    assert check(folder, **options).clean
    return result


def listed(folder):
    return {entry.image: entry for entry in read_manifest(folder)}


def test_nothing_is_written_where_nothing_is_wrong(spoilt_set):
    before = files(spoilt_set)
    assert mended(spoilt_set).done == ()
    assert files(spoilt_set) == before


def test_renderings_are_made_again_as_they_were(spoilt_set, manifest):
    before = files(spoilt_set)
    manifest.image(2).unlink()
    manifest.image(4).write_text("not a picture")
    Image.open(manifest.image(6)).save(manifest.image(6), quality=50)
    done = mended(spoilt_set, detector="none").done
    assert len(done) == 3
    assert all("made again from its photo" in said for said in done)
    assert files(spoilt_set) == before  # to the last byte; and the manifest had no fault


def test_what_cannot_be_rendered_is_dropped(spoilt_set, manifest):
    described = json.loads((spoilt_set / DATASET).read_text())
    described["domains"] = [one for one in described["domains"] if one["name"] == "photo"]
    (spoilt_set / DATASET).write_text(json.dumps(described))
    manifest.image(2).unlink()
    (said,) = mended(spoilt_set, detector="none").done
    assert "cannot be made again (dataset.json does not say how sketch is made)" in said
    assert len(read_manifest(spoilt_set)) == 23


def test_a_rendering_never_takes_the_place_of_anything_else(spoilt_set, manifest):
    kept = (spoilt_set / DATASET).read_bytes()
    manifest.entries[2] = replace(manifest.entries[2], image=DATASET)
    manifest.write()
    mended(spoilt_set, detector="none")
    assert (spoilt_set / DATASET).read_bytes() == kept


def test_a_photo_that_is_gone_takes_its_lines_along(spoilt_set, manifest):
    manifest.image(1).unlink()
    manifest.image(3).write_bytes(manifest.image(3).read_bytes()[:1500])
    old = (spoilt_set / MANIFEST).read_bytes()
    mended(spoilt_set, detector="none")
    assert listed(spoilt_set).keys() == {manifest.entries[line].image for line in manifest.entries if line > 4}
    assert (spoilt_set / BACKUP).read_bytes() == old
    assert manifest.image(2).exists()  # no image is removed


def test_landmarks_are_found_again_for_all_renderings_and_recorded(spoilt_set, manifest):
    right = np.array(manifest.entries[1].landmarks)
    for line in (1, 2):
        manifest.entries[line] = replace(manifest.entries[line], landmarks=tuple(map(tuple, (right + 9).tolist())))
    manifest.write()
    mended(spoilt_set)
    photo, sketch = (listed(spoilt_set)[manifest.entries[line].image] for line in (1, 2))
    assert photo.landmarks == sketch.landmarks
    assert np.linalg.norm(np.array(photo.landmarks) - right, axis=1).mean() < 2  # 0.06 of 32 pixels between the eyes
    assert photo.landmarks in [face.points for record in read_records(spoilt_set) for face in record.faces]


def test_landmarks_stay_where_nobody_can_find_them(spoilt_set, manifest):
    manifest.entries[1] = replace(manifest.entries[1], landmarks=((1.0, 1.0),) * 68)
    manifest.write()
    report = fix(spoilt_set, detector="none").report
    assert [problem.kind for problem in report.problems] == ["landmarks"]


def test_a_rendering_takes_the_landmarks_of_its_photo(spoilt_set, manifest):
    manifest.entries[2] = replace(manifest.entries[2], landmarks=manifest.entries[5].landmarks)
    manifest.write()
    mended(spoilt_set, detector="none")
    assert listed(spoilt_set)[manifest.entries[2].image].landmarks == manifest.entries[1].landmarks


def test_a_person_goes_wholly_to_the_larger_side(spoilt_set, manifest):
    side = manifest.entries[1].split
    manifest.entries[4] = replace(manifest.entries[4], split={"train": "test", "test": "train"}[side])
    manifest.write()
    mended(spoilt_set, detector="none")
    assert {entry.split for entry in read_manifest(spoilt_set) if entry.identity == "p00"} == {side}


def test_two_photos_of_one_name_get_two_names(spoilt_set, manifest):
    theirs = manifest.entries[5].photo
    for line in (5, 6):
        manifest.entries[line] = replace(manifest.entries[line], photo=manifest.entries[1].photo)
    manifest.write()
    mended(spoilt_set, detector="none")
    photos = {entry.image: entry.photo for entry in read_manifest(spoilt_set)}
    assert theirs != photos[manifest.entries[5].image] == photos[manifest.entries[6].image] == "p00_happiness-p01"


def test_a_rendering_belongs_to_whom_its_photo_is_of(spoilt_set, manifest):
    manifest.entries[2] = replace(manifest.entries[2], identity="p05", split="test")
    manifest.write()
    mended(spoilt_set, detector="none")
    entry = listed(spoilt_set)[manifest.entries[2].image]
    assert (entry.identity, entry.split) == ("p00", manifest.entries[1].split)


def copy_as(manifest, line, identity, split):
    entry = manifest.entries[line]
    image = f"images/photo/{identity}.jpg"
    Image.open(manifest.image(line)).save(manifest.folder / image, quality=60)
    added = replace(entry, image=image, identity=identity, photo=identity, split=split)
    manifest.entries[max(manifest.entries) + 1] = added
    manifest.write()


def of(manifest, split):
    """The first line of a person of that side."""
    return next(line for line, entry in manifest.entries.items() if entry.split == split)


def test_whoever_is_known_in_training_is_no_test(spoilt_set, manifest):
    tested = of(manifest, "test")
    person = manifest.entries[tested].identity
    copy_as(manifest, tested, "zoe", "train")
    mended(spoilt_set, detector="none")
    left = read_manifest(spoilt_set)
    assert {entry.split for entry in left if entry.identity == person} == {"train"}
    assert "zoe" not in {entry.identity for entry in left}  # hers is the later copy
    assert len(left) == 24
    assert "test" in {entry.split for entry in left}


def test_the_last_one_to_test_with_stays(spoilt_set, manifest):
    tested = of(manifest, "test")
    person = manifest.entries[tested].identity
    manifest.entries = {
        line: entry if entry.identity == person else replace(entry, split="train")
        for line, entry in manifest.entries.items()
    }
    copy_as(manifest, tested, "zoe", "train")
    mended(spoilt_set, detector="none")
    left = read_manifest(spoilt_set)
    assert {entry.identity for entry in left if entry.split == "test"} == {person}
    assert len(left) == 24  # all but zoe's


def test_a_copy_under_a_second_name_is_dropped(spoilt_set, manifest):
    copy_as(manifest, 1, "zoe", manifest.entries[1].split)
    mended(spoilt_set, detector="none")
    assert "zoe" not in {entry.identity for entry in read_manifest(spoilt_set)}
    assert len(read_manifest(spoilt_set)) == 24


def test_all_kinds_of_damage_at_once(spoilt_set, manifest):
    """Every rule has something to say, and none of the mends undoes another's."""
    entries = manifest.entries
    entries[25] = entries[24]  # twice
    entries[2] = replace(entries[2], identity="p05")  # people
    manifest.image(6).unlink()  # missing
    manifest.image(8).write_bytes(b"\xff\xd8")  # damaged
    manifest.image(9).unlink()
    Image.open(manifest.image(12)).save(manifest.image(12), quality=30)  # changed
    Image.open(manifest.image(14)).resize((50, 50)).save(manifest.image(14))  # size
    entries[15] = replace(entries[15], landmarks=tuple((y, x) for x, y in entries[15].landmarks))  # landmarks
    entries[18] = replace(entries[18], landmarks=entries[1].landmarks)  # rendering
    entries[20] = replace(entries[20], split={"train": "test", "test": "train"}[entries[20].split])  # split
    copy_as(manifest, 23, "zoe", {"train": "test", "test": "train"}[entries[23].split])  # copy
    lines = (spoilt_set / MANIFEST).read_text()
    (spoilt_set / MANIFEST).write_text(lines + '{"image": 3}\n\xff\n')  # line
    kinds = {problem.kind for problem in check(spoilt_set).problems}
    assert kinds >= {"line", "twice", "people", "missing", "damaged", "landmarks", "rendering", "split", "copy"}
    assert kinds & {"changed", "size"}  # a file that has another size has changed, too
    mended(spoilt_set)
    assert len(read_manifest(spoilt_set)) >= 18
    assert fix(spoilt_set).done == ()


def test_nothing_left_is_an_error_and_changes_no_manifest(spoilt_set, manifest):
    before = (spoilt_set / MANIFEST).read_bytes()
    shutil.rmtree(spoilt_set / "images")
    with pytest.raises(DataError, match="no image of it can be used"):
        fix(spoilt_set, detector="none")
    assert (spoilt_set / MANIFEST).read_bytes() == before


def test_an_unfinished_set_is_left_alone(spoilt_set):
    (spoilt_set / UNFINISHED).touch()
    with pytest.raises(DataError, match="run it to its end first"):
        fix(spoilt_set, detector="none")


@pytest.mark.parametrize("interrupted", ["write_records", "write_bytes", "write_manifest"])
def test_ctrl_c_leaves_the_old_manifest_and_a_set_that_the_next_run_mends(
    spoilt_set, manifest, monkeypatch, interrupted
):
    manifest.image(2).unlink()
    manifest.image(3).unlink()
    for line in (5, 6):
        moved = tuple((x + 9, y) for x, y in manifest.entries[line].landmarks)
        manifest.entries[line] = replace(manifest.entries[line], landmarks=moved)
    manifest.write()
    before = (spoilt_set / MANIFEST).read_bytes()

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ptk.curate.fix, interrupted, stop)
        with pytest.raises(KeyboardInterrupt):
            fix(spoilt_set)
    assert (spoilt_set / MANIFEST).read_bytes() == before
    assert not list(spoilt_set.rglob("*.part"))
    mended(spoilt_set)

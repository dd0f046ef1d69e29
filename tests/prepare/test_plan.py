"""What there is to do, and where it goes."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ptk.errors import DataError, PluginError
from ptk.prepare.plan import Item, find_items, image_path
from ptk.recipe.one_part import PartUse
from ptk.types import MediaFile, Skipped

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)


@given(one=st.tuples(names, names), other=st.tuples(names, names))
def test_every_name_has_a_path_of_its_own_inside_the_set(one: tuple[str, str], other: tuple[str, str]) -> None:
    path = PurePosixPath(image_path("photo", *one))
    assert path.parts[:2] == ("images", "photo")
    assert len(path.parts) == 4
    assert not {"..", "."} & set(path.parts)
    assert all(len(part.encode()) <= 255 and part.isprintable() for part in path.parts)
    assert (one == other) == (image_path("photo", *one) == image_path("photo", *other))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", ".", "a/b", "a\\b", "a\0b", "a\nb", "%2E"])
def test_hostile_names_stay_in_the_folder(name: str) -> None:
    path = image_path("photo", name, name)
    assert path.count("/") == 3
    assert "\0" not in path
    assert (Path("/set") / path).resolve().is_relative_to("/set/images/photo")


def touch(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def media(found: list[Item | Skipped]) -> list[tuple[str, str, str]]:
    return [(one.source, one.media.identity, one.media.photo) for one in found if isinstance(one, Item)]


def test_photos_of_one_name_are_told_apart(tmp_path: Path) -> None:
    touch(tmp_path, "a/b_c.jpg", "a/b_c.png", "a_b/c.jpg", "A_b/c.jpg")
    photos = [photo for _, _, photo in media(find_items([tmp_path], None))]
    assert len({photo.casefold() for photo in photos}) == 4  # also where file names have no upper and lower case


def test_a_photo_named_like_a_frame_gets_another_name(tmp_path: Path) -> None:
    touch(tmp_path, "ann/talk.mp4", "ann/talk-000012.jpg")
    photos = {photo for _, _, photo in media(find_items([tmp_path], None))}
    assert photos == {"ann_talk", "ann_talk-000012-2"}  # ann_talk-000012 may be a frame of the clip


def test_sources_are_named_by_place_where_there_are_several(tmp_path: Path) -> None:
    one, other = touch(tmp_path / "one", "ann_smile.jpg", "a.txt"), touch(tmp_path / "other", "ann_smile.jpg")
    found = find_items([one, other], None)
    assert [source for source, _, _ in media(found)] == ["one/ann_smile.jpg", "other/ann_smile.jpg"]
    assert [each.path for each in found if isinstance(each, Skipped)] == ["one/a.txt"]
    assert len({photo for _, _, photo in media(found)}) == 2
    assert [source for source, _, _ in media(find_items([one], None))] == ["ann_smile.jpg"]


def test_the_same_place_twice_is_told_apart(tmp_path: Path) -> None:
    touch(tmp_path / "one", "ann_smile.jpg")
    found = media(find_items([tmp_path / "one", tmp_path / "one"], None))
    assert len({source for source, _, _ in found}) == len(found) == 2


def test_a_table_is_known_by_its_suffix(tmp_path: Path) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "x.png")
    (tmp_path / "list.csv").write_text("image,identity,expression\nx.png,ann,smile\n")
    (item,) = find_items([tmp_path / "list.csv"], None)
    assert isinstance(item, Item)
    assert item.media == MediaFile(tmp_path / "x.png", "ann", item.media.photo, "smile")


def test_sources_that_nobody_offers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"did you mean radboud\?"):
        find_items([tmp_path], PartUse("redboud"))
    with pytest.raises(DataError, match="no photos or videos here"):
        find_items([tmp_path], None)

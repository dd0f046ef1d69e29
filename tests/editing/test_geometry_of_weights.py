"""Weights go by the numbers that they were trained with, whatever the code says today."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ptk.editing.exported.export import export, trial_faces
from ptk.editing.loading import SHIPPED, load_translator
from ptk.editing.translator import Translator
from ptk.errors import WeightsError
from ptk.motion.face_geometry import CURRENT, VERSION_1
from ptk.recipe.weights import read_metadata, read_tensors, write_weights
from tuned import tuned
from untrained import RECIPE, write_untrained

HERE = Path(__file__).parents[1]
WARPING = (
    RECIPE.replace("{landmark_map: {sigma: 2}}", "motion_field, {landmark_map: {sigma: 2}}")
    .replace("portraitgan: {width", "warp_and_paint: {mouth: 8, styler: 8, width")
)  # fmt: skip

# Hashes of what weights make, as JSON; with an argument in a process in which every tuned number is another one from
# the start, before anything can take its default.
RENDER = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from ptk.motion import face_geometry
if sys.argv[2] == "tuned":
    from tuned import tuned
    face_geometry.CURRENT = tuned(face_geometry.VERSION_1, version=2)
import numpy as np
import torch
torch.set_num_threads(1)
from ptk.editing.edit import edit_pixels
from ptk.editing.exported.export import trial_faces
from ptk.editing.loading import load_translator
from pathlib import Path
from ptk.faces.crop import Crop
made = {}
for file in sys.argv[3:]:
    translator = load_translator(Path(file), "cpu")
    cut, start, goal = trial_faces(translator.size)[0]
    shut = start.copy()
    shut[[37, 38, 43, 44]] = start[[41, 40, 47, 46]]
    crop = Crop.around(start * len(cut))
    for name, there in (("smile", goal), ("shut", shut)):
        for style in ("photo", "sketch"):
            points = (crop.to_unit(each * len(cut)) for each in (start, there))
            both = translator.render(cut, start, there, style).image, edit_pixels(cut, crop, *points, translator, style)
            made[f"{file} {name} {style}"] = [hashlib.sha256(each.tobytes()).hexdigest() for each in both]
print(json.dumps(made))
"""

# Hashes of an edit by weights of 478 landmarks, and of where all go with the 68; with an argument in a process in which
# the smooth flow has another method since version 2, which is the current one.
FOLLOW = """
import hashlib, json, sys
from dataclasses import replace
from ptk.motion import face_geometry
if sys.argv[2] == "another method":
    face_geometry.CURRENT = replace(face_geometry.VERSION_1, version=2)
from ptk.motion import smooth_flow
def shift_all(source, target, places, *, reach, noise):
    return places * 0 + (source - target).mean(axis=1)[:, None]
smooth_flow._METHODS = {**smooth_flow._METHODS, 2: shift_all}
import numpy as np
import torch
torch.set_num_threads(1)
from ptk.data.faceset import FaceSet
from ptk.data.pairs import Pairs
from ptk.editing.dense_face import find_dense_face
from ptk.editing.face_cut import FaceCut
from ptk.editing.loading import load_translator
from pathlib import Path
from ptk.faces.expressions import vocabulary
from ptk.faces.crop import Crop
from ptk.faces.landmarks import make_landmarks
from ptk.faces.topologies import MEDIAPIPE478
translator = load_translator(Path(sys.argv[3]), "cpu")
random = np.random.default_rng(0)
photo = random.integers(0, 256, (200, 240, 3), dtype=np.uint8)
mesh = random.uniform(60, 140, (478, 2)).astype(np.float32)
for (first, second, _), point in zip(MEDIAPIPE478.places, vocabulary().rest * 60 + (100, 80)):
    mesh[first] = mesh[second] = point
face = make_landmarks(MEDIAPIPE478, mesh, width=240, height=200)
goal = vocabulary().moved(face.points, {"smile": 1.0})
cut = FaceCut.around(photo, face.points, translator)
dense = find_dense_face(face, None, cut.crop, translator, "photo", "mediapipe478")
edited = replace(cut, dense=dense).edit(cut.crop.to_unit(goal), "photo")
assert (edited != photo).any()
points = torch.from_numpy(np.stack([cut.crop.to_unit(each) for each in (face.points, goal)])).float()
faces = FaceSet(
    images=torch.zeros(2, 3, 64, 64, dtype=torch.uint8), points=points, domain=torch.zeros(2, dtype=torch.int64),
    identity=torch.tensor([0, 0]), photo=torch.tensor([0, 1]),
    identities=("a",), photos=("0", "1"), expressions=("", ""),
    dense=torch.from_numpy(np.stack([cut.crop.to_unit(mesh)] * 2)).float(),
)
settings = translator.recipe.data.model_copy(update={"pairs": "warp", "mirror": False})
bent = Pairs(faces, settings, batch=4, seed=1, device=torch.device("cpu"), geometry=translator.geometry).batch(0).b
made = {"edit": edited, "follow": dense.follow(cut.crop.to_unit(goal)), "bent": bent.dense.numpy()}
print(json.dumps({name: hashlib.sha256(each.tobytes()).hexdigest() for name, each in made.items()}))
"""


def render(how, *files, script=RENDER):
    run = [sys.executable, "-c", script, str(HERE), how, *map(str, files)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Weights that hold a record of their own."""
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    return write_untrained(path, WARPING, loud=0.05, geometry=tuned(VERSION_1).document(), domains=["photo", "sketch"])


@pytest.mark.slow
def test_tuning_the_code_changes_nothing_of_what_weights_do(own, tmp_path):
    """Those that ptk ships hold no record, in either file; another one holds its own."""
    shipped = (SHIPPED / "portraits.safetensors", SHIPPED / "portraits.onnx")
    for file in shipped[:1]:
        assert "geometry" not in read_metadata(file)
    before = render("as it is", *shipped, own)
    assert render("tuned", *shipped, own) == before
    said = {key: value for key, value in read_metadata(own).items() if key != "geometry"}
    write_weights(tmp_path / "bare.safetensors", read_tensors(own), said)
    bare = render("as it is", tmp_path / "bare.safetensors")
    mine = [made for name, made in before.items() if str(own) in name]
    assert all(one != other for one, other in zip(mine, bare.values(), strict=True))  # its record is heeded


@pytest.mark.slow
def test_another_smooth_flow_leads_no_dense_landmarks_of_older_weights_elsewhere(tmp_path):
    recipe = WARPING.replace("size: 64", "size: 64, topology: mediapipe478")
    said = VERSION_1.document()
    old, new = (
        write_untrained(tmp_path / f"{version}.safetensors", recipe, loud=0.05, geometry=said | {"version": version})
        for version in (1, 2)
    )
    before = render("as it is", old, script=FOLLOW)
    assert render("another method", old, script=FOLLOW) == before
    after = render("another method", new, script=FOLLOW)
    assert all(after[name] != before[name] for name in before)


@pytest.mark.slow
def test_an_exported_network_takes_the_record_along(own, tmp_path):
    pytest.importorskip("onnxscript", reason="ptk export is an extra")
    done = export(own, tmp_path / "own.onnx")
    mine, torchs = load_translator(done.files[-1]), Translator.load(own, "cpu")
    assert mine.face_flow == torchs.face_flow
    assert mine.face_flow.geometry == tuned(VERSION_1)
    cut, start, goal = trial_faces(64)[0]
    for style in ("photo", "sketch"):
        gap = np.abs(mine.render(cut, start, goal, style).image - torchs.render(cut, start, goal, style).image)
        assert gap.mean() < 0.2, style  # of 255 levels: numbers are stored with eleven bits


def test_weights_written_anew_say_what_version_1_was(tmp_path):
    """A file of before that is stored again in half its room."""
    said = {"geometry": None, "plain": None}
    old = write_untrained(tmp_path / "old.safetensors", WARPING, loud=0.05, domains=["photo", "sketch"], **said)
    done = export(old, tmp_path / "half.safetensors", "safetensors")
    metadata = read_metadata(done.files[0])
    assert metadata["geometry"] == json.loads(json.dumps(VERSION_1.document()))
    assert metadata["plain"] == "photo"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"geometry": {}}, "its metadata is damaged (geometry has no version); copy the file again"),
        ({"geometry": CURRENT.document() | {"lips": 3}}, "its metadata is damaged (geometry.lips is no object); copy"),
        (
            {"geometry": {"version": 99}},
            f"a later ptk wrote it (geometry is of version 99, this ptk knows {CURRENT.version}); update",
        ),
        ({"plain": "oil"}, "its metadata is damaged (plain is 'oil', none of the domains photo, sketch); copy"),
        ({"plain": ["photo"]}, "its metadata is damaged (plain is ['photo'], none of the domains"),
    ],
)
def test_a_damaged_record_is_one_line(tmp_path, said, why):
    weights = write_untrained(tmp_path / "w.safetensors", WARPING, **said)
    with pytest.raises(WeightsError) as caught:
        Translator.load(weights, "cpu")
    assert str(caught.value).startswith(f"{weights}: {why}")
    assert "\n" not in str(caught.value)

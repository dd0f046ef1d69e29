"""The hooks. A plug-in implements any of them with `ptk.hookimpl` and returns a list of `ptk.Part`.

A hook says what is on offer and must be quick: give factories as "package.module:Class" so that torch is imported only
when a recipe uses the part. Recipes set a part's options: the parameters of its constructor, annotated, with defaults.

Parts that look at landmarks say so by a class attribute: `needs_landmarks = True`, or the names of the options that
make them look when they are set, such as `("lean",)`. A recipe with such a part is refused on data without faces.
"""

from __future__ import annotations

import pluggy

from ptk.registry.parts import Part

hookspec = pluggy.HookspecMarker("ptk")
hookimpl = pluggy.HookimplMarker("ptk")


@hookspec
def ptk_detectors() -> list[Part]:  # type: ignore[empty-body]
    """Parts with `detect(image: uint8 (H, W, 3)) -> list[Landmarks]`, best first, [] when nobody is found."""


@hookspec
def ptk_conditioners() -> list[Part]:  # type: ignore[empty-body]
    """Modules with `.channels: int` and `(source: Faces, target: Target) -> (B, channels, H, W)`.

    H and W are those of `source.image`; the planes are on its device and of its dtype. A class attribute
    `needs_landmarks` says whether points are looked at: True refuses recipes on data without faces, where they are NaN;
    weights whose conditioners all say False edit without landmarks.
    """


@hookspec
def ptk_domains() -> list[Part]:  # type: ignore[empty-body]
    """`ptk.Domain`s: a title, and `stylise(faces) -> (B, 3, H, W)` in [-1, 1] where pseudo-targets can be made."""


@hookspec
def ptk_generators() -> list[Part]:  # type: ignore[empty-body]
    """Modules `(image (B, 3, H, W), planes: Planes) -> list of (B, 3, H/2^k, W/2^k)` in [-1, 1], finest first.

    A class attribute `needs` names the conditioners without which it cannot be; `last_layers` names the modules that
    go on learning when `training.freeze` holds the others; `may_be_new` those that training may begin anew where it
    starts from weights that have nothing of them; `needs_landmarks = True` refuses data without faces.

    A method `encode(image, planes) -> list of (B, ...)` shows losses what is inside, by `networks.encode`: features,
    shallow to deep, of which CUT's loss chooses, or an attention mask.
    """


@hookspec
def ptk_discriminators() -> list[Part]:  # type: ignore[empty-body]
    """Modules `(pyramid, planes: Planes) -> list[Verdict]`, one a level; a short pyramid is theirs to extend.

    `planes.target` says where the face is in the images, for one that looks at a part of it; `planes.source` where it
    was, with the image that was translated. A class attribute `needs_landmarks = True` says that it does, and refuses
    data without faces. One that tells the domain, `Verdict.classes`, says `gives_classes = True`, or has an option
    `classes`.
    """


@hookspec
def ptk_losses() -> list[Part]:  # type: ignore[empty-body]
    """Modules `(translation: Translation, networks: Networks) -> scalar`; `Part.sides` says whom they can train.

    Parameters of a loss's own (a learnt weight, a projection) are trained with its side; `requires_grad_(False)` keeps
    a network as it is. Parameters and buffers, its `state_dict`, go into checkpoints; what it remembers from step to
    step (a pool of images) must be a buffer, which may grow. Exported weights hold none of it.

    A loss that compares with the target's image as the true result says `needs_truth = True`: recipes of unpaired
    images are refused. One that reads `Verdict.classes` says `needs_classes = True`, one that asks for
    `networks.encode` `needs_features = True`; one that is 0 where the images made are the true ones themselves
    `zero_at_target = True`, to be checked. One that looks at landmarks says `needs_landmarks = True`, or names the
    options with which it does, `("lean",)`.
    """


@hookspec
def ptk_optimisers() -> list[Part]:  # type: ignore[empty-body]
    """`torch.optim.Optimizer`s, `training.optimiser` of a recipe; the generator's side and the critic's have one each.

    Before every step ptk writes the current learning rate into `param_groups`. Tensors in its `state` go into
    checkpoints; nothing else of an optimiser does.
    """


@hookspec
def ptk_schedules() -> list[Part]:  # type: ignore[empty-body]
    """Parts with `factor(step: int, steps: int) -> float`, `training.schedule` of a recipe.

    When `step` of `steps` steps are done, both sides' learning rates are `training.lr` times that factor, at least 0.
    It depends on the two numbers alone: checkpoints hold nothing of a schedule, and a run that is resumed asks it about
    any step, of another plan, too.
    """


@hookspec
def ptk_sources() -> list[Part]:  # type: ignore[empty-body]
    """Parts with `find(place: Path) -> list[MediaFile | Skipped]`: photos and videos there, and who they show."""


@hookspec
def ptk_metrics() -> list[Part]:  # type: ignore[empty-body]
    """Callables `(source: Faces, target: Faces, result: (B, 3, H, W)) -> (B,)`, with `.lower_is_better: bool`.

    `result` in [-1, 1] is what was made of `source`, `target` the true image of what was asked for. One that looks for
    faces says `finds_faces = True`, and gives nan where it finds none. `of_face_box = True` asks `ptk eval` to show it
    no more than the box around the target's landmarks; `needs_landmarks = True` that it looks at them.
    `needs_truth = False` says that it does not look at `target.image`: it is then measured where no true image is
    known, too, and that image is the source's.

    A class with `compares_sets = True` compares the set of all results with that of all true images instead, as FID
    and KID do. In the place of the call it has `describe(images: (B, 3, H, W)) -> (B, K)`, float32, each image by
    itself, and `compare(made: (N, K), true: (M, K)) -> float`, nan where the sets are too small to say anything.
    """


@hookspec
def ptk_weights() -> list[Part]:  # type: ignore[empty-body]
    """`ptk.Weights`: trained weights that make photos in other styles; `Part.styles` names these.

    `ptk edit --style` and the studio know the styles by their names alone; files are read when one is asked for. Then
    the expression comes from ptk's own weights, and these paint the head in the photo that came of it. A style that
    several plug-ins offer is asked for as `DISTRIBUTION:STYLE`; names of ptk's own styles cannot be taken. Where a
    plug-in has a domain of that name, too, its weights make the style, and the domain where it is given options.
    """


@hookspec
def ptk_observers() -> list[Part]:  # type: ignore[empty-body]
    """`ptk.Observer`s, named with `--observe`: told what happens in training and editing, to look at, not to touch."""


@hookspec
def ptk_commands() -> list[Part]:  # type: ignore[empty-body]
    """Verbs of the command line: functions with parameters as typer reads them, or a `typer.Typer` with several.

    `Part.name` is the verb, `Part.summary` its line in `ptk --help`. Verbs of ptk's own import no plug-in; one that ptk
    does not know, and `ptk --help`, ask all of them, and import the verb's module where it is run or its own help is
    asked for. What it raises as a `ptk.PtkError` becomes a line on stderr and exit status 1.
    """

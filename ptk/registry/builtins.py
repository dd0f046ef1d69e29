"""ptk's own parts, offered through the same hooks as anybody's."""

from __future__ import annotations

from ptk.registry.hookspecs import hookimpl
from ptk.registry.parts import Part


@hookimpl
def ptk_detectors() -> list[Part]:
    return [
        Part(
            "mediapipe68",
            "MediaPipe's 478-point face mesh, mapped to the 68",
            "ptk.detectors.mediapipe68:MediaPipe68",
            extra="mediapipe",
        ),
        Part(
            "mediapipe478",
            "the same mesh with all of its 478 points",
            "ptk.detectors.mediapipe478:MediaPipe478",
            extra="mediapipe",
        ),
        Part("dlib68", "dlib's HOG detector and 68-point predictor", "ptk.detectors.dlib68:Dlib68", extra="dlib"),
        Part(
            "drawn68",
            "drawings, too: mediapipe68 on the photo made of them",
            "ptk.editing.drawings.photographs:DrawnLandmarks",
            extra="mediapipe",
        ),
        Part("both", "faces on which mediapipe68 and dlib68 agree", "ptk.detectors.both:Both", extra="dlib"),
    ]


@hookimpl
def ptk_conditioners() -> list[Part]:
    return [
        Part("landmark_map", "the target's landmarks in one channel", "ptk.conditioners.landmark_map:LandmarkMap"),
        Part(
            "landmark_channels",
            "the target's landmarks, one channel a point",
            "ptk.conditioners.landmark_channels:LandmarkChannels",
        ),
        Part("face_contours", "landmarks joined as lines", "ptk.conditioners.face_contours:FaceContours"),
        Part("motion_field", "where each pixel comes from", "ptk.conditioners.motion_field:MotionField"),
        Part("domain_planes", "the target domain as one-hot planes", "ptk.conditioners.domain_planes:DomainPlanes"),
    ]


@hookimpl
def ptk_domains() -> list[Part]:
    return [
        Part("photo", "the photograph itself", "ptk.domains.photo:Photo"),
        Part("images", "real images of the data set; nothing is rendered", "ptk.domains.images:Images"),
        Part("sketch", "pencil lines and shading (XDoG)", "ptk.domains.sketch:Sketch"),
        Part("watercolor", "flat washes (anisotropic Kuwahara)", "ptk.domains.watercolor:Watercolor"),
        Part("neural_style", "one of 26 fast neural styles", "ptk.domains.neural:NeuralStyle", extra="styles"),
        Part("mosaic", "the fast neural style mosaic", "ptk.domains.neural:Mosaic", extra="styles"),
        Part("starry", "the fast neural style starry_night", "ptk.domains.neural:Starry", extra="styles"),
        Part("candy", "the fast neural style candy", "ptk.domains.neural:Candy", extra="styles"),
        Part("wave", "the fast neural style wave", "ptk.domains.neural:Wave", extra="styles"),
        Part("poster", "the fast neural style poster", "ptk.domains.neural:Poster", extra="styles"),
        Part("picture", "any picture as a style", "ptk.domains.neural:PictureStyle", extra="styles"),
    ]


@hookimpl
def ptk_generators() -> list[Part]:
    return [
        Part(
            "portraitgan",
            "strided convolutions, residual blocks, auxiliary scales (Duan et al. 2020)",
            "ptk.generators.portraitgan:PortraitGAN",
        ),
        Part(
            "warp_and_paint",
            "moves pixels along a motion field, paints the rest",
            "ptk.generators.warp_and_paint.generator:WarpAndPaint",
        ),
        Part("resnet", "CycleGAN's, for a network a domain (Zhu et al. 2017)", "ptk.generators.resnet:ResNet"),
        Part("unet", "pix2pix's U-Net (Isola et al. 2017)", "ptk.generators.skip_unet:SkipUNet"),
        Part(
            "residual_unet",
            "residual blocks, enlarged by interpolation, for what cannot be copied",
            "ptk.generators.residual_unet:ResidualUNet",
        ),
        Part("stargan", "StarGAN's, with zero padding (Choi et al. 2018)", "ptk.generators.stargan:StarGAN"),
    ]


@hookimpl
def ptk_discriminators() -> list[Part]:
    return [
        Part(
            "patch_stack",
            "a PatchGAN a scale (Isola et al. 2017, Wang et al. 2018)",
            "ptk.discriminators.patch_stack:PatchStack",
        ),
        Part(
            "stargan",
            "StarGAN's, with a class head (Choi et al. 2018)",
            "ptk.discriminators.stargan:StarGANDiscriminator",
        ),
        Part(
            "face_patches",
            "a PatchGAN for mouths, one for eyes, one for faces",
            "ptk.discriminators.face_patches:FacePatches",
        ),
    ]


@hookimpl
def ptk_losses() -> list[Part]:
    generator, both = ("generator",), ("generator", "critic")
    return [
        Part(
            "adversarial",
            "GAN: least squares, logarithms, hinge, Wasserstein",
            "ptk.losses.adversarial:Adversarial",
            sides=both,
        ),
        Part("lsgan", "adversarial by its older name", "ptk.losses.adversarial:LeastSquares", sides=both),
        Part(
            "gradient_penalty",
            "a critic whose slope is 1 (WGAN-GP)",
            "ptk.losses.gradient_penalty:GradientPenalty",
            sides=("critic",),
        ),
        Part(
            "domain_classification",
            "cross entropy of the domain",
            "ptk.losses.domain_classification:DomainClassification",
            sides=both,
        ),
        Part(
            "feature_matching",
            "L1 of discriminator features",
            "ptk.losses.feature_matching:FeatureMatching",
            sides=generator,
        ),
        Part("identity", "L1 to the real target", "ptk.losses.identity:Identity", sides=generator),
        Part(
            "identity_mapping",
            "L1 to an image that is in its domain",
            "ptk.losses.identity_mapping:IdentityMapping",
            sides=generator,
        ),
        Part(
            "patch_nce",
            "patches told by the generator's features (CUT)",
            "ptk.losses.patch_nce:PatchNCE",
            sides=generator,
        ),
        Part("cycle", "L1 of the way back to the source", "ptk.losses.cycle:Cycle", sides=generator),
        Part("perceptual", "L1 of VGG features", "ptk.losses.perceptual:Perceptual", sides=generator),
        Part("texture", "distance of VGG Gram matrices", "ptk.losses.texture:Texture", sides=generator),
    ]


@hookimpl
def ptk_optimisers() -> list[Part]:
    return [
        Part("adam", "mean gradient over root mean square (Kingma and Ba 2015)", "ptk.optimisers.adam:Adam"),
        Part("adamw", "Adam, weight decay apart (Loshchilov and Hutter 2019)", "ptk.optimisers.adam:AdamW"),
        Part("lion", "the sign of a mean gradient (Chen et al. 2023)", "ptk.optimisers.lion:Lion"),
    ]


@hookimpl
def ptk_schedules() -> list[Part]:
    return [
        Part("constant", "the learning rate of the start", "ptk.schedules.linear:Constant"),
        Part("linear", "falls to 0 in the second half (pix2pixHD)", "ptk.schedules.linear:Linear"),
    ]


@hookimpl
def ptk_sources() -> list[Part]:
    return [
        Part("tree", "identity/expression.jpg, identity_expression.jpg, and videos", "ptk.sources.tree:Tree"),
        Part("folders", "a folder a domain: horse/, zebra/, or trainA/, trainB/", "ptk.sources.folders:Folders"),
        Part("pattern", "names that follow a pattern of your own", "ptk.sources.pattern:Pattern"),
        Part("table", "a CSV or JSONL file: image, identity, expression", "ptk.sources.table:Table"),
        Part("radboud", "the Radboud Faces Database", "ptk.sources.radboud:Radboud"),
        Part("kdef", "the Karolinska Directed Emotional Faces", "ptk.sources.kdef:KDEF"),
        Part("icv", "iCV-MEFED, 50 compound emotions", "ptk.sources.icv:ICV"),
        Part("london", "the Face Research Lab London Set", "ptk.sources.london:London"),
    ]


@hookimpl
def ptk_metrics() -> list[Part]:
    return [
        Part("mse", "mean squared error of images in [0, 1]", "ptk.metrics.pixels:MSE"),
        Part("psnr", "peak signal-to-noise ratio in dB", "ptk.metrics.pixels:PSNR"),
        Part("ssim", "structural similarity", "ptk.metrics.ssim:SSIM"),
        Part("lpips", "learned perceptual distance", "ptk.metrics.lpips:LPIPS", extra="eval"),
        Part("lpips_vgg", "the same by a larger network", "ptk.metrics.lpips_vgg:LPIPSVGG", extra="eval"),
        Part("skin_detail", "detail of cheeks and forehead beside the source's", "ptk.metrics.detail:SkinDetail"),
        Part("mouth_detail", "detail of the lips beside the source's", "ptk.metrics.detail:MouthDetail"),
        Part(
            "identity_distance",
            "dlib's distance of the result to the source's person",
            "ptk.metrics.identity_distance:IdentityDistance",
            extra="dlib",
        ),
        *(
            Part(
                f"{region}_error",
                f"{region}: landmarks found again, off by % of the eye distance",
                f"ptk.metrics.landmarks:{region.title()}Error",
                extra="mediapipe",
            )
            for region in ("mouth", "eyes", "brows", "jaw")
        ),
        Part(
            "faces_found", "share of results with a face found", "ptk.metrics.landmarks:FacesFound", extra="mediapipe"
        ),
        Part(
            "kernel_distance",
            "distance of the set of results to that of true images",
            "ptk.metrics.kernel_distance:KernelDistance",
            extra="eval",
        ),
    ]


@hookimpl
def ptk_weights() -> list[Part]:
    styles = ("sketch", "watercolor", "wave", "poster")
    return [Part("portraits", "expressions, and drawings", "ptk.weights.portraits:Portraits", styles=styles)]


@hookimpl
def ptk_observers() -> list[Part]:
    return [Part("tensorboard", "losses and sample grids for TensorBoard", "ptk.observers.tensorboard:TensorBoard")]


@hookimpl
def ptk_commands() -> list[Part]:
    return [
        Part("edit", "Render the faces in photos with another expression, in another style.", "ptk.cli.edit:edit"),
        Part(
            "morph",
            "Make a film of the face in a photo that goes from expression to expression, or between two photos.",
            "ptk.cli.morph:morph",
        ),
        Part(
            "studio",
            "Edit photos in the browser: move the points of faces by hand or by words, see the result at once.",
            "ptk.cli.studio:studio",
            extra="studio",
        ),
        Part("landmarks", "Find the 68 landmarks of the face in a photo.", "ptk.cli.landmarks:landmarks"),
        Part("expression", "Save an expression to a file, show one.", "ptk.cli.expression:expression"),
        Part(
            "train",
            "Train a recipe. Ctrl-C and SIGTERM write a checkpoint, from which a run is resumed.",
            "ptk.cli.train:train",
        ),
        Part(
            "prepare",
            "Find, crop and render the faces of photos and videos. Run again, it does what is new or changed.",
            "ptk.cli.data_sets.prepare:prepare",
        ),
        Part(
            "eval",
            "Have weights make every pair of one person's photos, beside doing nothing and a plain warp.",
            "ptk.cli.evaluate:evaluate",
        ),
        Part(
            "compare",
            "Hold several weights against each other on people held out.",
            "ptk.cli.comparing.compare:compare",
        ),
        Part("study", "Ask people which weights are better.", "ptk.cli.comparing.study:study"),
        Part(
            "export",
            "Write weights as a network that edits without torch, or in half the room; hold its results to torch's.",
            "ptk.cli.export:export",
        ),
        Part(
            "bench",
            "Measure a recipe's training step and edit on this machine, beside what it can do at best.",
            "ptk.cli.bench:bench",
        ),
        Part(
            "doctor",
            "Check this machine and what is installed; say what is missing or broken, and what recipes would take "
            "here.",
            "ptk.cli.doctor:doctor",
        ),
        Part("data", "Check a data set, mend it, look at it, join several.", "ptk.cli.data_sets.data:data"),
        Part("recipes", "List recipes, check one, copy one to start from.", "ptk.cli.recipes.listing:recipes"),
        Part("domains", "List domains, teach trained weights another one.", "ptk.cli.domains:domains"),
        Part("plugins", "List plug-ins, show a part, check a plug-in, write one.", "ptk.cli.plugins.listing:plugins"),
    ]

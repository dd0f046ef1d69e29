"""What a package says of its kind of part: everything in which one template serves several kinds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import yaml

from ptk.registry.kinds import KINDS

__all__ = ["TEMPLATES", "Outline", "read_outline"]

TEMPLATES = Path(__file__).parent / "templates"

_RECIPE = {
    **dict.fromkeys(KINDS, ""),
    "optimiser": "lr: 4.0e-4",
    "domains": "[photo, sketch]",
    "generator": "{portraitgan: {width: 16, down: 2, blocks: 2, norm: group, upsample: resize, skips: true}}",
    "discriminator": "{patch_stack: {levels: 2, layers: 2, width: 16}}",
}
"""What a recipe says where its part is of another kind."""

_IN_A_RECIPE = """\
In a recipe, as in `recipe.yaml` here:

```yaml
plugins: [$distribution]
$example
```

```
ptk train recipe.yaml --steps 20    # does it run?
ptk train recipe.yaml               # some minutes on two processor cores
```"""


@dataclass(frozen=True)
class Outline:
    """The file kind.yaml of one kind, in the words of string.Template.

    `summary` is a line on the part, `what` a paragraph, `dependencies` and `part_options` what pyproject.toml and the
    hook say. Recipes name it as in `example` and, in the package's own recipe, as in `recipe`, by the words of the
    recipe's template; a part that no recipe names has `usage` instead. `command` is what one tries first.
    """

    summary: str
    what: str
    dependencies: str = '"ptk>=0.1", "torch"'
    part_options: str = ""
    example: str = ""
    recipe: dict[str, str] = field(default_factory=dict)
    usage: str = ""
    command: str = "ptk train $recipe_file --steps 20"

    def words(self, names: dict[str, str]) -> dict[str, str]:
        """What the templates ask for: `names`, and the texts of this kind with the names in them."""
        row = "\n| what it is trained with | `recipe.yaml` |" if self.recipe else ""
        texts = {
            **_RECIPE,
            "summary": self.summary,
            "what": self.what,
            "dependencies": self.dependencies,
            "part_options": self.part_options,
            "example": self.example,
            "command": self.command,
            "recipe_row": row,
            **self.recipe,
        }
        words = {name: Template(text).substitute(names) for name, text in texts.items()}
        usage = _IN_A_RECIPE if self.recipe else f"```\n{self.usage}\n```"
        return {**names, **words, "usage": Template(usage).substitute(names, **words)}


def read_outline(kind: str) -> Outline:
    """The outline of one of `ptk.registry.kinds.KINDS`."""
    return Outline(**yaml.safe_load((TEMPLATES / kind / "kind.yaml").read_text(encoding="utf-8")))

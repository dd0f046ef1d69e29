"""What a package says of its kind of part: everything in which one template serves several kinds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from ptk.registry.kinds import NAMINGS

__all__ = ["TEMPLATES", "Outline", "read_outline"]

TEMPLATES = Path(__file__).parent / "templates"

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

    `summary` is a line on the part, `what` a paragraph, `dependencies`, `package_data` and `part_options` what
    pyproject.toml and the hook say. Recipes name it as in `example`; `recipe` is the section of the package's own
    recipe that does, or its words inside of the settings, and `otherwise` the same in packages of other kinds, where it
    is needed. A part that no recipe names has `usage` instead. `command` is what one tries first.
    """

    summary: str
    what: str
    dependencies: str = '"ptk>=0.1", "torch"'
    part_options: str = ""
    package_data: str = ""
    example: str = ""
    recipe: str = ""
    otherwise: str = ""
    usage: str = ""
    command: str = "ptk train $recipe_file --steps 20"

    def words(self, names: dict[str, str]) -> dict[str, str]:
        """What the templates ask for: `names`, and the texts of this kind with the names in them."""
        row = "\n| what it is trained with | `recipe.yaml` |" if self.recipe else ""
        texts = {
            **_recipe_texts(names["kind"], self),
            "summary": self.summary,
            "what": self.what,
            "dependencies": self.dependencies,
            "part_options": self.part_options,
            "package_data": self.package_data,
            "example": self.example,
            "command": self.command,
            "recipe_row": row,
        }
        words = {name: Template(text).substitute(names) for name, text in texts.items()}
        usage = _IN_A_RECIPE if self.recipe else f"```\n{self.usage}\n```"
        return {**names, **words, "usage": Template(usage).substitute(names, **words)}


def _recipe_texts(kind: str, own: Outline) -> dict[str, str]:
    """What the recipe of a package of `kind` says of the parts of each kind, by the words of its template.

    `training` joins what stands among those settings, `sections` has the kinds that the template does not place.
    """
    texts = {each: own.recipe if each == kind else read_outline(each).otherwise for each in NAMINGS}
    placed = Template((TEMPLATES / "recipe" / "recipe.yaml.tmpl").read_text(encoding="utf-8")).get_identifiers()
    added = [each for each, naming in NAMINGS.items() if each not in placed and texts[each] and not naming.section]
    inside = [texts[each] for each, naming in NAMINGS.items() if texts[each] and naming.section == "training"]
    return {**texts, "sections": "".join(f"\n{texts[each]}" for each in added), "training": ", ".join(inside)}


def read_outline(kind: str) -> Outline:
    """The outline of one of `ptk.registry.kinds.KINDS`."""
    return Outline(**yaml.safe_load((TEMPLATES / kind / "kind.yaml").read_text(encoding="utf-8")))

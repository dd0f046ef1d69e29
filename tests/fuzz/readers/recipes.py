"""Recipes, as text and as trees."""

import json

from tests.fuzz.mutate import as_json, damage_bytes, damage_tree

YAMLS = (
    "!x 1",
    "!!python/object/apply:os.system [ls]",
    "!!binary '==='",
    "!!set {a, b}",
    "!!int nothing",
    "!!float x",
    "!!null x",
    "2026-99-99",
    "2026-01-31 25:61:61",
    "&z [*z]",
    "&z {*z : 1}",
    "*nobody",
    "0x" + "f" * 5000,
    "1" * 5000,
    "190:20:30",
    "1:" * 3000 + "1",
    "-.inf",
    "1e400",
    "=",
    "<<",
    "? [a, b]\n: c",
    "{? [a] : b}",
    "{[a]: b}",
    "[" * 3000,
    "{a: " * 1000,
    "- " * 2000 + "x",
    "'\\ud800'",
    '"\\ud800"',
    '"\\U00ffffff"',
    '"\\x00"',
    '"\\q"',
    "\t x",
    "|9\n  x",
    "%YAML 9.9",
    "--- a\n--- b",
    "@x",
    "`x`",
    "#",
    "&a [x,x,x,x,x,x,x,x]",
    "1e8",
    "100000000",
    "2147483648",
    "-1",
    "0",
    "[&b [&c [&d [x,x,x,x,x,x,x,x,x,x],*d ,*d ,*d ,*d ,*d ,*d ],*c ,*c ,*c ,*c ,*c ],*b ,*b ,*b ,*b ,*b ,*b ,*b ]",
)


def _unfolding():
    """Aliases of aliases, ten at each of nine levels."""
    lines = ["b0: &b0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"b{n}: &b{n} [{', '.join([f'*b{n - 1} '] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines) + "\n"


def read_recipes(_):
    """Recipes as people write them and as weights hold them, checked as `ptk recipes check` does, and overrides."""
    import yaml

    from ptk.recipe.check import summary
    from ptk.recipe.load import SHIPPED, parse_recipe

    texts = [path.read_text() for path in sorted(SHIPPED.rglob("*.yaml"))]
    trees = [yaml.safe_load(text) for text in texts]
    summary(parse_recipe(texts[0], "r.yaml"), "cpu")

    def write(rng):
        if rng.random() < 0.5:
            text = as_json(damage_tree(rng.choice(trees), rng))
            return text if rng.random() < 0.5 else _as_yaml(text)
        text = rng.choice(texts)
        for _ in range(rng.choice((1, 1, 2, 3))):
            colons = [at for at, sign in enumerate(text) if sign in ":[,{\n"]
            at = rng.choice(colons) + 1
            end = min((text.find(sign, at) for sign in ",}]\n" if text.find(sign, at) > 0), default=at)
            written = rng.choice(YAMLS)
            text = text[:at] + (f" {written} " if rng.random() < 0.7 else f"\n{written}\n") + text[end:]
        if rng.random() < 0.05:
            text = _unfolding() + text.replace(": 1", ": *b8 ")
        return text if rng.random() < 0.9 else damage_bytes(text.encode(), rng).decode(errors="replace")

    def read(rng, _):
        keys = ("training.batch", "generator.portraitgan.blocks", "losses.generator", "domains.x.y", "data", "", "a..b")
        sets = [f"{rng.choice(keys)}={rng.choice(YAMLS)}" for _ in range(rng.choice((0, 0, 0, 1)))]
        recipe = parse_recipe(write(rng), "r.yaml", sets)
        json.dumps(recipe.document)
        if rng.random() < 0.05:  # it takes a hundred times as long
            summary(recipe, "cpu")

    return read


def _as_yaml(text):
    import yaml

    try:
        return yaml.safe_dump(json.loads(text), allow_unicode=True)
    except (ValueError, RecursionError, yaml.YAMLError):
        return text

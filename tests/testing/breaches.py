"""Which rules a part that was made up for a test breaks."""

from ptk.registry.parts import Part
from ptk.testing.contracts import common, part_checks

# Parts in tests are made in functions, which cannot be pickled, and need no docstrings; rules on these have own tests.
APART = {rule.name for rule in (*common.DESCRIBED[1:3], *common.SENT)}


def outcomes(kind, make, options=None, photo=None, place=None, sides=("generator",)):
    """Outcome by rule."""
    part = Part("mine", "made for a test", make, sides=sides if kind == "loss" else (), origin="ptk-mine 1.0")
    checks = part_checks(kind, part, options, photo, place)
    return {check.rule: check.run() for check in checks if check.rule not in APART}


def breaches(kind, make, **given):
    """What is said of each rule that is broken, by rule."""
    return {rule: one.message for rule, one in outcomes(kind, make, **given).items() if one.status == "fail"}

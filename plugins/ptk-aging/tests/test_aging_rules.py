"""Every rule that ptk has for the parts of this package."""

import pytest

from ptk.testing import RuleTest, rules


@pytest.mark.parametrize("rule", rules("ptk-aging"), ids=str)
def test_it_holds_every_rule(rule: RuleTest):
    rule()

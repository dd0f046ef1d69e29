"""Styles that weights make are known by their names: which is meant, and what is said where several are."""

import sys
import types

import pytest

from ptk import Part, Weights, hookimpl
from ptk.errors import PluginError
from ptk.registry.registry import Registry
from ptk.registry.styles import find_weights, list_styles, strip_distribution


def offering(weights=(), domains=()):
    """A module that offers these styles, each by weights of its own, and these domains; nothing of them is there."""
    module = types.ModuleType("ptk_offers")
    module.ptk_weights = hookimpl(
        lambda: [Part(f"{name}-net", "w", "ptk_nowhere:W", styles=(name,)) for name in weights], specname="ptk_weights"
    )
    module.ptk_domains = hookimpl(
        lambda: [Part(name, "d", "ptk_nowhere:D") for name in domains], specname="ptk_domains"
    )
    return module


def registry_of(**offers):
    registry = Registry()
    for name, (weights, domains) in offers.items():
        plugin = registry.register(name, f"ptk-{name} 1.0", offering(weights, domains))
        assert not plugin.error
    return registry


def asked(registry, word):
    """The style and the distribution that a word asks for."""
    found = find_weights(registry, word)
    return found and (found[0], found[1].distribution)


def test_a_style_is_known_by_its_name():
    registry = registry_of(hair=(("beard", "shaved"), ()))
    assert [(word, part.origin) for word, part in list_styles(registry.plugins)] == [
        ("beard", "ptk-hair 1.0"),
        ("shaved", "ptk-hair 1.0"),
    ]
    assert asked(registry, "beard") == ("beard", "ptk-hair")
    assert asked(registry, "ptk-hair:shaved") == asked(registry, "PTK_Hair:shaved") == ("shaved", "ptk-hair")
    assert asked(registry, "moustache") is asked(registry, "ptk-hair:moustache") is None
    assert "ptk_nowhere" not in sys.modules


def test_a_style_that_several_make_is_asked_for_by_the_distribution():
    registry = registry_of(hair=(("beard",), ()), barber=(("beard", "shaved"), ()))
    assert [word for word, _ in list_styles(registry.plugins)] == ["ptk-hair:beard", "ptk-barber:beard", "shaved"]
    with pytest.raises(PluginError) as told:
        find_weights(registry, "beard")
    assert str(told.value) == (
        "`style` beard: offered by ptk-hair 1.0 and ptk-barber 1.0; say whose: ptk-hair:beard or ptk-barber:beard"
    )
    assert asked(registry, "ptk-barber:beard") == ("beard", "ptk-barber")


def test_weights_come_before_the_domain_of_their_plug_in_where_it_gets_no_options():
    registry = registry_of(hair=(("beard",), ("beard",)))
    assert asked(registry, "beard") == ("beard", "ptk-hair")
    assert asked(registry, "beard:length=2") is None


def test_a_domain_of_another_plug_in_is_asked_for_by_its_distribution_too():
    registry = registry_of(hair=(("beard",), ()), barber=((), ("beard",)))
    with pytest.raises(PluginError, match=r"ptk-hair 1\.0 and ptk-barber 1\.0; say whose: ptk-hair:beard or ptk-bar"):
        find_weights(registry, "beard")
    assert asked(registry, "ptk-hair:beard") == ("beard", "ptk-hair")
    assert asked(registry, "ptk-barber:beard") is None
    assert strip_distribution(registry, "ptk-barber:beard:length=2") == "beard:length=2"
    assert strip_distribution(registry, "ptk-hair:beard") == "ptk-hair:beard"


def test_what_ptk_learned_of_its_own_styles_is_asked_for_by_its_name_and_imports_no_plug_in():
    def outsiders():
        raise AssertionError("plug-ins are asked")

    registry = Registry(outsiders)
    assert asked(registry, "sketch") is asked(registry, "picture:painting.jpg") is asked(registry, "sketch:x") is None
    assert asked(registry, "ptk:sketch") == ("sketch", "ptk")
    assert strip_distribution(registry, "picture:ptk:x.jpg") == "picture:ptk:x.jpg"


@pytest.mark.parametrize("name", ["sketch", "photo"])
def test_names_of_ptks_own_styles_cannot_be_taken(name):
    plugin = Registry().register("pencil", "ptk-pencil 1.0", offering([name]))
    assert plugin.error.startswith(f"style {name}: offered by ptk ")
    assert plugin.error.endswith(" and ptk-pencil 1.0; rename the second")


@pytest.mark.parametrize(
    ("styles", "why"),
    [
        ((), "mine names no style that it makes"),
        (("two words",), "a style of mine must be one word, not 'two words'"),
        ((3,), "a style of mine must be one word, not 3"),
        (["old"], r"styles of mine must be a tuple, not \['old'\]"),
        (("old", "old"), r"style old: offered twice by ptk-mine 1\.0"),
    ],
)
def test_odd_styles_break_their_plug_in(styles, why):
    module = types.ModuleType("ptk_mine")
    module.ptk_weights = hookimpl(lambda: [Part("mine", "m", Weights, styles=styles)], specname="ptk_weights")
    plugin = Registry().register("mine", "ptk-mine 1.0", module)
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(plugin.error)

"""The registry finds parts, refuses clashes, and survives broken plug-ins."""

import re
import types

import pytest

from ptk import Part, hookimpl
from ptk.errors import PluginError
from ptk.registry.kinds import KINDS
from ptk.registry.parts import options
from ptk.registry.registry import Registry, load_registry


def plugin(**hooks):
    """A plug-in module that offers what `hooks` return."""
    module = types.ModuleType("outsider")
    for name, offer in hooks.items():
        setattr(module, name, _hook(offer, name))
    return module


def _hook(offer, name):
    def hook():
        if isinstance(offer, Exception):
            raise offer
        return offer

    hook.__name__ = name
    return hookimpl(hook)


BEARD = Part("beard", "a beard", "outsider:Beard")


def test_ptks_own_parts_come_through_the_hooks():
    registry = Registry()
    for kind in KINDS:
        assert registry.names(kind), kind
        for name in registry.names(kind):
            assert registry.part(kind, name).origin.startswith("ptk ")


@pytest.mark.parametrize("kind", KINDS)
def test_every_own_part_loads_and_documents_itself(kind):
    registry = load_registry()
    for name in registry.names(kind):
        part = registry.part(kind, name)
        factory = part.load()
        assert factory.__doc__, name
        assert part.summary, name
        for option in options(factory, kind).values():
            assert option.annotation is not option.empty, f"{name}.{option.name} has no annotation"


def test_a_plugin_adds_a_part():
    registry = Registry()
    added = registry.register("beard", "ptk-beard 1.0", plugin(ptk_domains=[BEARD]))
    assert not added.error
    assert registry.part("domain", "beard").origin == "ptk-beard 1.0"
    assert registry.part("domain", "sketch").origin.startswith("ptk ")


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (plugin(ptk_domains=ValueError("no luck")), "ValueError: no luck"),
        (plugin(ptk_domains="beard"), "ptk_domains must return a list of ptk.Part"),
        (plugin(ptk_domains=[Part("odd", None, "a:B")]), "ptk_domains: summary of odd must be a str, not None"),
        (plugin(ptk_losses=[Part("odd", "", "a:B", sides="critic")]), "sides of odd must be a tuple, not 'critic'"),
        (plugin(ptk_domains=[BEARD, BEARD]), "domain beard: offered twice by bad 1.0"),
        (plugin(ptk_domains=[Part("sketch", "another", "a:B")]), "domain sketch: offered by ptk .* and bad 1.0"),
    ],
    ids=["raises", "nonsense", "summary", "sides", "twice", "clash with ptk"],
)
def test_a_broken_plugin_is_listed_and_the_rest_goes_on(module, message):
    registry = Registry()
    before = {kind: registry.names(kind) for kind in KINDS}
    broken = registry.register("bad", "bad 1.0", module)
    assert registry.part("domain", "sketch").origin.startswith("ptk ")
    assert before == {kind: registry.names(kind) for kind in KINDS}
    assert re.search(message, broken.error), broken.error


def test_a_broken_plugin_gives_nothing_at_all():
    registry = Registry()
    half = plugin(ptk_domains=[BEARD], ptk_losses=ValueError("no luck"))
    assert registry.register("half", "half 1.0", half).error
    assert "beard" not in registry.names("domain")


def test_a_wrong_hook_signature_is_refused():
    module = types.ModuleType("wrong")

    @hookimpl
    def ptk_domains(registry):
        return []

    module.ptk_domains = ptk_domains
    assert "registry" in Registry().register("wrong", "wrong 1.0", module).error


def test_a_newer_hook_api_is_refused_by_name():
    module = plugin(ptk_domains=[BEARD])
    module.PTK_API = 99
    assert "version 99 of ptk's hooks" in Registry().register("new", "new 1.0", module).error


def test_two_outsiders_with_one_name_are_both_named():
    registry = Registry()
    registry.register("a", "ptk-a 1.0", plugin(ptk_domains=[BEARD, Part("old", "", "a:Old")]))
    registry.register("b", "ptk-b 2.0", plugin(ptk_domains=[BEARD]))
    with pytest.raises(PluginError, match=r"ptk-a 1\.0 and ptk-b 2\.0"):
        registry.part("domain", "beard")
    assert registry.part("domain", "old").origin == "ptk-a 1.0"


def test_an_unknown_part_gets_the_nearest_name_and_the_broken_plugins():
    registry = Registry()
    registry.register("bad", "ptk-bad 1.0", plugin(ptk_domains=ValueError("no luck")))
    with pytest.raises(PluginError, match=r"no such loss: cylce; did you mean cycle\?.*ptk-bad 1\.0"):
        registry.part("loss", "cylce")


def test_a_factory_that_is_not_there_names_its_origin():
    registry = Registry()
    registry.register("b", "ptk-b 2.0", plugin(ptk_domains=[BEARD]))
    with pytest.raises(PluginError, match=r"beard \(ptk-b 2\.0\): outsider:Beard cannot be loaded"):
        registry.part("domain", "beard").load()

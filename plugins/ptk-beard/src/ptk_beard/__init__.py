"""Beards for ptk: domains that paint them and take them off, and a conditioner that says where they grow."""

import ptk


@ptk.hookimpl
def ptk_domains() -> list[ptk.Part]:
    """The domains `beard` and `shaved`."""
    return [
        ptk.Part("beard", "a beard, grown hair by hair from the skin", "ptk_beard.domain:Beard"),
        ptk.Part("shaved", "stubble and short beards taken off", "ptk_beard.domain:Shaved"),
    ]


@ptk.hookimpl
def ptk_conditioners() -> list[ptk.Part]:
    """The conditioner `beard_region`."""
    return [ptk.Part("beard_region", "where a beard grows on the target face", "ptk_beard.region:BeardRegion")]

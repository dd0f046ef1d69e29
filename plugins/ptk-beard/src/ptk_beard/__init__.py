"""A full beard for ptk: a domain that paints it, and a conditioner that says where it grows."""

import ptk


@ptk.hookimpl
def ptk_domains() -> list[ptk.Part]:
    """The domain `beard`."""
    return [ptk.Part("beard", "a full beard, painted hair by hair on the photo", "ptk_beard.domain:Beard")]


@ptk.hookimpl
def ptk_conditioners() -> list[ptk.Part]:
    """The conditioner `beard_region`."""
    return [ptk.Part("beard_region", "where a beard grows on the target face", "ptk_beard.region:BeardRegion")]

"""ptk-aging: the domains young and old, and a source that reads them from folders."""

from __future__ import annotations

import ptk


@ptk.hookimpl
def ptk_domains() -> list[ptk.Part]:
    """The ages to translate to, beside ptk's own domain photo: everybody at the age that they are."""
    return [
        ptk.Part("young", "the same person at about 20, painted on the photo", "ptk_aging.domains:Young"),
        ptk.Part("old", "the same person at about 72, painted on the photo", "ptk_aging.domains:Old"),
    ]


@ptk.hookimpl
def ptk_sources() -> list[ptk.Part]:
    """Where their images come from."""
    return [ptk.Part("ages", "person/photo.jpg, person/young.jpg, person/old_smile.jpg", "ptk_aging.ages:Ages")]

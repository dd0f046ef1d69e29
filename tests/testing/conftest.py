"""The fixtures of ptk.testing, as an author brings them in."""

from ptk.testing import ptk_faces, ptk_people, ptk_portrait

__all__ = ["ptk_faces", "ptk_people", "ptk_portrait"]

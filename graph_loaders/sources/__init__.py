"""Bytes to rows: one parser for each container, and the kind of a file recognised by what it contains."""

from graph_loaders.sources.model import Broken, Cells, Source
from graph_loaders.sources.open import find_sources, open_rows, open_source
from graph_loaders.sources.profile import Profile, load_profile, profile_names

__all__ = [
    "Broken",
    "Cells",
    "Profile",
    "Source",
    "find_sources",
    "load_profile",
    "open_rows",
    "open_source",
    "profile_names",
]

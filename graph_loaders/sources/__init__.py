"""Bytes to rows: one parser for each container, and the kind of a file recognised by what it contains."""

from graph_loaders.sources.model import Broken, Cells, Skipped, Source
from graph_loaders.sources.open import open_rows, open_source
from graph_loaders.sources.profile import Profile, load_profile, profile_names
from graph_loaders.sources.survey import Found, find_sources, survey

__all__ = [
    "Broken",
    "Cells",
    "Found",
    "Profile",
    "Skipped",
    "Source",
    "find_sources",
    "load_profile",
    "open_rows",
    "open_source",
    "profile_names",
    "survey",
]

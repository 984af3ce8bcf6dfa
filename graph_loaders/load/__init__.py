"""Facts into the graph: claims, full snapshots, load runs. See docs/graph-model.md for what is held and why."""

from graph_loaders.load.lock import load_lock
from graph_loaders.load.paths import LoadOptions, LoadResult, load_paths
from graph_loaders.load.rotate import finish_rotation, rotate_person_key
from graph_loaders.load.version import data_version

__all__ = [
    "LoadOptions",
    "LoadResult",
    "data_version",
    "finish_rotation",
    "load_lock",
    "load_paths",
    "rotate_person_key",
]

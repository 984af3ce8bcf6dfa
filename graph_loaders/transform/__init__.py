"""Rows to facts, or to a reason why not. Pure but for the file that is read."""

from graph_loaders.transform.identity import lift_ids, role_ids
from graph_loaders.transform.reading import Rules
from graph_loaders.transform.run import Batch, FileRun, Tokens

__all__ = ["Batch", "FileRun", "Rules", "Tokens", "lift_ids", "role_ids"]

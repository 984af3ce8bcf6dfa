"""Kinds of file for people: what each column means, templates to fill in, and how a given file is understood."""

from graph_loaders.file_kinds.columns import Column, FileKindInfo, column_type, file_kinds
from graph_loaders.file_kinds.explain import explain
from graph_loaders.file_kinds.template import write_template

__all__ = ["Column", "FileKindInfo", "column_type", "explain", "file_kinds", "write_template"]

"""Root fields: each is one statement and the function that shapes its rows into the answer."""

from __future__ import annotations

from graph_loaders.reader.piercing_root import penetration
from graph_loaders.reader.roots.root import RootMaker
from graph_loaders.reader.roots.subject import subject, subjects

ROOTS: dict[str, RootMaker] = {"penetration": penetration, "subject": subject, "subjects": subjects}

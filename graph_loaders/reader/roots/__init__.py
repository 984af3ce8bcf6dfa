"""Root fields: each is one statement and the function that shapes its rows into the answer."""

from __future__ import annotations

from graph_loaders.reader.roots.explore import neighbourhood, path
from graph_loaders.reader.roots.listing import contracts, load_runs, records
from graph_loaders.reader.roots.node import node, person
from graph_loaders.reader.roots.penetration import penetration
from graph_loaders.reader.roots.quality import data_quality
from graph_loaders.reader.roots.root import RootMaker
from graph_loaders.reader.roots.search import search_persons, search_subjects
from graph_loaders.reader.roots.subject import subject, subjects

ROOTS: dict[str, RootMaker] = {
    "contracts": contracts,
    "dataQuality": data_quality,
    "loadRuns": load_runs,
    "neighbourhood": neighbourhood,
    "node": node,
    "path": path,
    "penetration": penetration,
    "person": person,
    "records": records,
    "searchPersons": search_persons,
    "searchSubjects": search_subjects,
    "subject": subject,
    "subjects": subjects,
}

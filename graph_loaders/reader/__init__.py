"""The reader: the ``Graph`` port in Cypher. A selection becomes one statement and one shaping function."""

from graph_loaders.reader.graph import CypherGraph

__all__ = ["CypherGraph"]

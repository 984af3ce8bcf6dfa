"""The graph engines: a Neo4j server, or an embedded ArcadeDB that all processes of one data folder share.

Both are reached by the neo4j driver over Bolt with the same statements. See docs/engines.md for what differs.
"""

from graph_loaders.engine.config import GraphConfig, GraphSettings
from graph_loaders.engine.driver import Engine, Observer, open_engine
from graph_loaders.engine.migrate import migrate

__all__ = ["Engine", "GraphConfig", "GraphSettings", "Observer", "migrate", "open_engine"]

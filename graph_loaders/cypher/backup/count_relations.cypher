// How many relations there are, of whatever kind.
MATCH (a)-[r]->(b) RETURN count(r) AS found

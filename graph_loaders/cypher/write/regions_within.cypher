// Each division to the one that it is part of.
// $rows: code, parent
UNWIND $rows AS row
MATCH (r:Region {code: row.code})
MATCH (p:Region {code: row.parent})
MERGE (r)-[:WITHIN]->(p)

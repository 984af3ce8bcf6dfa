// Relations of one kind between nodes that are there.
// FACT and KEYNAME are where they leave, ROLE what they are, OTHER and OTHERKEY where they arrive.
// $rows: {source, target, fact} each
UNWIND $rows AS row
MATCH (a:FACT {KEYNAME: row.source})
MATCH (b:OTHER {OTHERKEY: row.target})
CREATE (a)-[r:ROLE]->(b)
SET r += row.fact

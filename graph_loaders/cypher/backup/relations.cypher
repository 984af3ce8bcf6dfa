// The relations of one kind that leave the next nodes; a node without any gives one row without a target.
// FACT and KEYNAME are where they leave, ROLE what they are, OTHER and OTHERKEY where they arrive.
// $after: the last key of the page before
// $limit: how many nodes
MATCH (a:FACT) WHERE a.KEYNAME > $after
WITH a ORDER BY a.KEYNAME LIMIT $limit
OPTIONAL MATCH (a)-[r:ROLE]->(b:OTHER)
RETURN a.KEYNAME AS source, b.OTHERKEY AS target, r{.*} AS fact
ORDER BY source

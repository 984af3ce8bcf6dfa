// Nodes of one label, whole.
// FACT is the label, KEYNAME the property that tells its nodes apart.
// $rows: {key, fact} each
UNWIND $rows AS row
MERGE (n:FACT {KEYNAME: row.key})
SET n += row.fact

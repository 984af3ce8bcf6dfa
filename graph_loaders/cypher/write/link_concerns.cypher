// Complaints to the subject that they concern; never a credit record.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)-[:CONCERNS]->() }
MATCH (t:Subject {code: n.code})
CREATE (n)-[:CONCERNS]->(t)

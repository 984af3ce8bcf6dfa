// States to their subject.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)-[:STATE_OF]->() }
MATCH (t:Subject {code: n.code})
CREATE (n)-[:STATE_OF]->(t)

// Records, commitments and ratings to the subject that they are about.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)-[:ABOUT]->() }
MATCH (t:Subject {code: n.code})
CREATE (n)-[:ABOUT]->(t)

// Lifts to the one person that they are for.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)-[:FOR]->() }
MATCH (t:Person {token: n.token})
CREATE (n)-[:FOR]->(t)

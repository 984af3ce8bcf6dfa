// Lifts to the document of the measure that they lift.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)-[:LIFTS]->() }
MATCH (t:Document {number: n.form})
CREATE (n)-[:LIFTS]->(t)

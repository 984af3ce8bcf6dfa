// Records to the document that decided them.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)-[:DECIDED_IN]->() }
MATCH (t:Document {number: n.form})
CREATE (n)-[:DECIDED_IN]->(t)

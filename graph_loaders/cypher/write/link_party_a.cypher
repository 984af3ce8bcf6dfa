// Contracts to their party A.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)<-[:PARTY_TO {role: 'PARTY_A'}]-() }
MATCH (t:Subject {code: n.party_a})
CREATE (t)-[:PARTY_TO {role: 'PARTY_A', name: n.party_a_name}]->(n)

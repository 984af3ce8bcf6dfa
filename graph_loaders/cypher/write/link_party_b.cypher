// Contracts to their party B.
// FACT is the label, KEY the indexed property that holds the key. Versions that have their relation are left alone.
// $keys: distinct keys
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT EXISTS { (n)<-[:PARTY_TO {role: 'PARTY_B'}]-() }
MATCH (t:Subject {code: n.party_b})
CREATE (t)-[:PARTY_TO {role: 'PARTY_B', name: n.party_b_name}]->(n)

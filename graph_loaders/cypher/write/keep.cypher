// Facts of which a full snapshot has only a faulty row.
// FACT is the label, KEY the indexed property that holds the key.
// $values: distinct keys
// $run: id of the snapshot
UNWIND $values AS value
MATCH (n:FACT {KEY: value}) WHERE n.claimed
SET n.kept = $run

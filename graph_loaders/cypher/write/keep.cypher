// Facts of which a full snapshot has only a faulty row.
// FACT is the label, BY the indexed property by which the row can still be recognised.
// $values: distinct values of that property
// $run: id of the snapshot
UNWIND $values AS value
MATCH (n:FACT {BY: value}) WHERE n.claimed
SET n.kept = $run

// Facts under numbers of which a full snapshot has only a faulty row.
// FACT is the label.
// $values: distinct numbers in their canonical form
// $run: id of the snapshot
UNWIND $values AS value
MATCH (n:FACT {form: value}) WHERE n.claimed
SET n.kept = $run

// Endings or lifts of documents of which a full snapshot has only a faulty row.
// FACT is the label.
// $values: distinct document numbers
// $run: id of the snapshot
UNWIND $values AS value
MATCH (:Document {number: value})<--(n:FACT) WHERE n.claimed
SET n.kept = $run

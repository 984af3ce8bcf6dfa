// Ratings of subjects of which a full snapshot has a faulty row: which rating it meant cannot be told.
// FACT is the label.
// $values: distinct codes of the subjects
// $run: id of the snapshot
UNWIND $values AS value
MATCH (:Subject {code: value})<-[:ABOUT]-(n:FACT) WHERE n.claimed
SET n.kept = $run

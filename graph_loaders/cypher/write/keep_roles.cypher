// Roles in subjects of which a full snapshot has a faulty row: which of the roles it meant cannot be told.
// ROLE is the relation.
// $codes: distinct codes of the subjects
// $run: id of the snapshot
UNWIND $codes AS code
MATCH (:Subject {code: code})<-[r:ROLE]-() WHERE r.claimed
SET r.kept = $run

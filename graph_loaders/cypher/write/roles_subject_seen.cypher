// Dated roles of a full snapshot whose holder is a Subject, while it is being read: neither claimed nor held yet.
// ROLE is the relation.
// $rows: code, holder (code), vid, properties of the relation
// $now: recorded time, microseconds
// $run: id of the load run, which is the snapshot's id too
UNWIND $rows AS row
MATCH (s:Subject {code: row.code})
MATCH (h:Subject {code: row.holder})
MERGE (h)-[r:ROLE {vid: row.vid}]->(s)
ON CREATE SET r += row.properties, r.recorded_at = $now, r.retracted_at = $now, r.claimed = false, r.run = $run
SET r.seen = $run

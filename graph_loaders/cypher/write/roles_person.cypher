// Dated roles whose holder is a Person: claims as relations. A new one is held at once; `settle_roles` takes it back.
// ROLE is the relation.
// $rows: code, holder (token), vid, properties of the relation
// $now: recorded time, microseconds
// $open: the open end of recorded time
// $run: id of the load run
UNWIND $rows AS row
MATCH (s:Subject {code: row.code})
MATCH (h:Person {token: row.holder})
MERGE (h)-[r:ROLE {vid: row.vid}]->(s)
ON CREATE SET r += row.properties, r.recorded_at = $now, r.retracted_at = $open, r.claimed = true, r.run = $run, r.seen = ''
FOREACH (_ IN CASE WHEN r.claimed THEN [] ELSE [1] END | SET r.claimed = true)
WITH sum(CASE WHEN r.recorded_at = $now THEN 1 ELSE 0 END) AS made
MATCH (v:DataVersion {name: 'hub'}) WHERE made > 0
SET v.at = $now

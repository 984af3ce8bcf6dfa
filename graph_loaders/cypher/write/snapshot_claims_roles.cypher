// A full snapshot replaces the claims of roles, as `snapshot_claims` does for nodes.
// ROLE is the relation.
// $codes: distinct codes of the subjects that the roles are in
// $run: id of the snapshot
UNWIND $codes AS code
MATCH (s:Subject {code: code})<-[r:ROLE]-() WHERE NOT r.vid CONTAINS '~'
WITH code, r.key AS key, collect(r) AS versions
WITH versions, any(v IN versions WHERE v.seen = $run) AS present
UNWIND versions AS v
WITH v, CASE WHEN present THEN v.seen = $run ELSE v.claimed AND coalesce(v.kept, '') = $run END AS claimed
WHERE v.claimed <> claimed
SET v.claimed = claimed

// A full snapshot replaces the claims: what it has is claimed, what it has not is claimed no more. A key of which only
// a faulty row was there counts as present and keeps its claims.
// FACT is the label, KEY the indexed property that holds the key.
// $keys: distinct keys
// $run: id of the snapshot
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT n.vid CONTAINS '~'
WITH key, collect(n) AS versions
WITH versions, any(v IN versions WHERE v.seen = $run) AS present
UNWIND versions AS v
WITH v, CASE WHEN present THEN v.seen = $run ELSE v.claimed AND coalesce(v.kept, '') = $run END AS claimed
WHERE v.claimed <> claimed
SET v.claimed = claimed

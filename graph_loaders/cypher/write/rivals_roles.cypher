// Claims of one role that are not all held, as `rivals` does for nodes.
// ROLE is the relation.
// $codes: distinct codes of the subjects that the roles are in
// $run: id of the load run whose claims are told
// $open: the open end of recorded time
UNWIND $codes AS code
MATCH (:Subject {code: code})<-[r:ROLE]-() WHERE r.claimed AND NOT r.vid CONTAINS '~'
WITH r.key AS key, collect(r) AS claims WHERE size(claims) > 1
WITH claims, any(c IN claims WHERE c.retracted_at = $open) AS held
UNWIND claims AS c
WITH c, held WHERE c.run = $run AND c.retracted_at < $open
RETURN c.source AS source, c.row AS row, held
ORDER BY source, row

// Which claim of each role is held, as `settle` does for nodes. A code under two names is nobody's: its registry rows
// are in doubt as a whole, so while they conflict no representative of it is held either.
// ROLE is the relation; $split says whether such a conflict matters to it.
// $codes: distinct codes of the subjects that the roles are in
// $split: true for representatives
// $now: recorded time, microseconds
// $open: the open end of recorded time
UNWIND $codes AS code
MATCH (s:Subject {code: code})
OPTIONAL MATCH (t:SubjectState {code: code}) WHERE t.claimed
WITH s, count(DISTINCT t.compared) AS names
WITH s, $split AND names > 1 AS doubt
MATCH (s)<-[r:ROLE]-(h) WHERE NOT r.vid CONTAINS '~'
WITH s, h, doubt, r ORDER BY r.valid_to, CASE WHEN coalesce(r.share, -1.0) < 0.0 THEN 1 ELSE 0 END, r.vid
WITH s, h, doubt, r.key AS key, collect(r) AS versions
WITH s, h, doubt, versions, [v IN versions WHERE v.claimed] AS claims
WITH s, h, doubt, versions, claims, [c IN claims WHERE coalesce(c.share, -1.0) >= 0.0 | c.share] AS shares
WITH s, h, versions, claims, doubt OR any(x IN shares WHERE x <> shares[0]) AS doubt
UNWIND versions AS v
WITH s, h, v, NOT doubt AND size(claims) > 0 AND v.vid = claims[0].vid AS held
WHERE held <> (v.retracted_at = $open)
FOREACH (_ IN CASE WHEN held AND v.retracted_at > v.recorded_at THEN [1] ELSE [] END |
  CREATE (h)-[c:ROLE {vid: v.vid + '~' + toString(v.recorded_at)}]->(s)
  SET c += v{.*, vid: v.vid + '~' + toString(v.recorded_at), claimed: false})
SET v.recorded_at = CASE WHEN held THEN $now ELSE v.recorded_at END,
    v.retracted_at = CASE WHEN held THEN $open ELSE $now END
WITH count(*) AS changed
MATCH (d:DataVersion {name: 'hub'}) WHERE changed > 0
SET d.at = $now

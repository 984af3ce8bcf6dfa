// Which claim of each key is held: a function of the set of its claims alone. Claims that are not AGREED hold none;
// otherwise the earliest end is held, then the smallest BETTER, then the smallest vid. A version that comes back after
// having been retracted leaves its earlier time in a copy (vid with "~"), so that what was known then stays known.
// FACT is the label, KEY the indexed property that holds the key.
// $keys: distinct keys
// $now: recorded time, microseconds
// $open: the open end of recorded time
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE NOT n.vid CONTAINS '~'
WITH key, count(n) AS versions, min(CASE WHEN n.claimed = (n.retracted_at = $open) THEN 1 ELSE 0 END) AS settled
WHERE versions > 1 OR settled = 0
MATCH (n:FACT {KEY: key}) WHERE NOT n.vid CONTAINS '~'
WITH key, n ORDER BY n.valid_to, n.BETTER, n.vid
WITH key, collect(n) AS versions
WITH versions, [v IN versions WHERE v.claimed] AS claims
WITH versions, claims, size(claims) > 0 AND (AGREED) AS agreed
UNWIND versions AS v
WITH v, agreed AND v.vid = claims[0].vid AS held
WHERE held <> (v.retracted_at = $open)
FOREACH (_ IN CASE WHEN held AND v.retracted_at > v.recorded_at THEN [1] ELSE [] END |
  CREATE (c:FACT {vid: v.vid + '~' + toString(v.recorded_at)})
  SET c += v{.*, vid: v.vid + '~' + toString(v.recorded_at), claimed: false})
SET v.recorded_at = CASE WHEN held THEN $now ELSE v.recorded_at END,
    v.retracted_at = CASE WHEN held THEN $open ELSE $now END
WITH count(*) AS changed
MATCH (d:DataVersion {name: 'hub'}) WHERE changed > 0
SET d.at = $now

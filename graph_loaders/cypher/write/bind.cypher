// What endings end. One that ended something else until now leaves that in a copy (vid with "~"), so that what was known
// then stays known; one that ended nothing begins now.
// $rows: vid, ends (ids of records, joined by blanks), unbound (why there are none, or "")
// $now: recorded time, microseconds
UNWIND $rows AS row
MATCH (e:Ending {vid: row.vid})-[:ENDS]->(d:Document)
FOREACH (_ IN CASE WHEN e.ends <> '' AND e.ends <> row.ends AND e.recorded_at < $now THEN [1] ELSE [] END |
  CREATE (c:Ending {vid: e.vid + '~' + toString(e.recorded_at)})-[:ENDS]->(d)
  SET c += e{.*, vid: e.vid + '~' + toString(e.recorded_at), claimed: false, retracted_at: $now})
SET e.recorded_at = CASE WHEN e.ends = row.ends THEN e.recorded_at ELSE $now END,
    e.ends = row.ends, e.unbound = row.unbound
WITH count(*) AS changed
MATCH (v:DataVersion {name: 'hub'}) WHERE changed > 0
SET v.at = $now

// Records that were revoked or corrected by what was learnt since an instant, or whose day has come since, and when it was learnt.
// $since: recorded time, microseconds
// $last: ISO date of the day before which every ending was looked at
// $day: ISO date
// $open: the open end of recorded time
MATCH (e:Ending)-[:ENDS]->(:Document)<-[:DECIDED_IN]-(r:Record)
WHERE (e.recorded_at > $since OR e.on > $last) AND e.kind IN ['CORRECTION', 'REVOCATION'] AND e.on <= $day AND e.retracted_at = $open
RETURN DISTINCT e.recorded_at AS at, e.on AS on, r.id AS id ORDER BY at, on, id

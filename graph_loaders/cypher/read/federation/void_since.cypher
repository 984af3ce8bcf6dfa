// Records that were revoked or corrected by what was learnt since an instant, or whose day has come since, and when it was learnt.
// $since: recorded time, microseconds
// $last: ISO date of the day before which every ending was looked at
// $day: ISO date
// $open: the open end of recorded time
CALL () {
  MATCH (e:Ending)-[:ENDS]->(:Document)<-[:DECIDED_IN]-(r:Record)
  WHERE (e.recorded_at > $since OR e.on > $last) AND e.kind IN ['CORRECTION', 'REVOCATION'] AND e.on <= $day
    AND e.retracted_at = $open AND e.ends CONTAINS r.id
  RETURN e.recorded_at AS at, e.on AS on, r.id AS id
  UNION
  UNWIND ['REVOKED', 'CORRECTED'] AS standing
  MATCH (r:Record {standing: standing})
  WHERE r.recorded_at > $since AND r.retracted_at = $open
  RETURN r.recorded_at AS at, r.decided_on AS on, r.id AS id
}
RETURN DISTINCT at, on, id ORDER BY at, on, id

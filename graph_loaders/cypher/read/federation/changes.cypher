// Subjects with a record, a rating or an ending of a record that was learnt or withdrawn since an instant.
// $since: recorded time, microseconds
// $open: the open end of recorded time
CALL () {
  MATCH (r:Record) WHERE r.recorded_at > $since OR (r.retracted_at > $since AND r.retracted_at < $open)
  RETURN r.code AS code
  UNION
  MATCH (x:Rating) WHERE x.recorded_at > $since OR (x.retracted_at > $since AND x.retracted_at < $open)
  RETURN x.code AS code
  UNION
  MATCH (e:Ending)-[:ENDS]->(:Document)<-[:DECIDED_IN]-(r:Record)
  WHERE (e.recorded_at > $since OR (e.retracted_at > $since AND e.retracted_at < $open)) AND e.ends CONTAINS r.id
  RETURN r.code AS code
}
RETURN DISTINCT code ORDER BY code

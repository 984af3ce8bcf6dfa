// Which of these records are void on a day: their decision was revoked or corrected.
// $ids: record ids
// $day: ISO date
// $open: the open end of recorded time
UNWIND $ids AS id
MATCH (r:Record {id: id})
WHERE r.retracted_at = $open AND r.standing IN ['REVOKED', 'CORRECTED'] OR EXISTS {
  MATCH (r)-[:DECIDED_IN]->(:Document)<-[:ENDS]-(e:Ending)
  WHERE e.kind IN ['CORRECTION', 'REVOCATION'] AND e.on <= $day AND e.retracted_at = $open AND e.ends CONTAINS r.id
}
RETURN DISTINCT id ORDER BY id

// Persons for whom a court has lifted the limit that goes with the record's document, by the day asked about.
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_rec)-[:DECIDED_IN]->(:Document)<-[:LIFTS]-(v_lift:Lift)-[:FOR]->(v_freed:Person)
  WHERE v_lift.recorded_at <= $known AND v_lift.retracted_at > $known AND v_lift.on <= $as_of
  RETURN [v_freed.token, v_lift.on]
}

// No ending by the day asked about that would hide a record.
// <node>: the record; <hiding>: which endings v_end hide it
// $as_of: day asked about
// $known: instant of what was known, microseconds
NOT EXISTS {
  MATCH (<node>)-[:DECIDED_IN]->(:Document)<-[:ENDS]-(v_end:Ending)
  WHERE v_end.recorded_at <= $known AND v_end.retracted_at > $known AND v_end.on <= $as_of
    AND v_end.ends CONTAINS <node>.id AND NOT v_end.kind STARTS WITH 'OBJECTION' AND (<hiding>)
}

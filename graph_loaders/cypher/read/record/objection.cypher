// Whether an objection is being examined on the day asked about: the source's own status says so, or one was taken up and the
// same authority has not closed it.
// <node>: the record
// $as_of: day asked about
// $known: instant of what was known, microseconds
head([v_said IN [[(<node>)-[:DECIDED_IN]->(:Document)<-[:ENDS]-(v_end:Ending)
  WHERE v_end.recorded_at <= $known AND v_end.retracted_at > $known AND v_end.on <= $as_of
    AND v_end.ends CONTAINS <node>.id AND v_end.kind STARTS WITH 'OBJECTION' | v_end.kind + ' ' + v_end.by]] |
coalesce(<node>.standing = 'OBJECTION', false) OR any(v_one IN v_said WHERE v_one STARTS WITH 'OBJECTION '
  AND NOT replace(v_one, 'OBJECTION ', 'OBJECTION_END ') IN v_said)])

// What this hub's registry says of a subject, as known: days, kind and region. Empty when it is registered elsewhere.
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_state:SubjectState)-[:STATE_OF]->(<subject>)
  WHERE v_state.recorded_at <= $known AND v_state.retracted_at > $known
  RETURN [v_state.valid_from, v_state.valid_to, v_state.kind, v_state.region]
}

// Names that a subject bore before the one of the day asked about, oldest first; the caller drops repetitions.
// <node>: the subject
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)<-[:STATE_OF]-(v_state:SubjectState)
  WHERE v_state.recorded_at <= $known AND v_state.retracted_at > $known AND v_state.valid_from <= $as_of
  RETURN v_state.name ORDER BY v_state.valid_from, v_state.vid
}

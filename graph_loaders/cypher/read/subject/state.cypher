// What the registry says of a subject on the day asked about: one version of its state, as a list; null when it is
// registered elsewhere. Before the first version the earliest one answers.
// <node>: the subject; <columns>: what to return of v_state
// $as_of: day asked about
// $known: instant of what was known, microseconds
head(COLLECT {
  MATCH (<node>)<-[:STATE_OF]-(v_state:SubjectState)
  WHERE v_state.recorded_at <= $known AND v_state.retracted_at > $known
  WITH v_state, CASE WHEN v_state.valid_from <= $as_of THEN v_state.valid_from ELSE '' END AS v_begun
  ORDER BY v_begun DESC, v_state.valid_from, v_state.vid LIMIT 1
  RETURN <columns>
})

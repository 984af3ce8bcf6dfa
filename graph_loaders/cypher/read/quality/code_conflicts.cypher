// Codes that the sources give under two names: [code, names].
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_state:SubjectState)
  WHERE v_state.claimed AND v_state.recorded_at <= $known
  WITH v_state.code AS v_code, collect(DISTINCT v_state.name) AS v_names
  WHERE size(v_names) > 1
  RETURN [v_code, v_names] ORDER BY v_code
}

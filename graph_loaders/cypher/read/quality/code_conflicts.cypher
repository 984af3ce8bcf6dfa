// Codes that the sources give under two names: [code, names].
COLLECT {
  MATCH (v_state:SubjectState)
  WHERE v_state.claimed
  WITH v_state.code AS v_code, collect(DISTINCT v_state.name) AS v_names
  WHERE size(v_names) > 1
  RETURN [v_code, v_names] ORDER BY v_code
}

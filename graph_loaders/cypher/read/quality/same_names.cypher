// Names that two legal representatives or more bear: [name, tokens].
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_person:Person)-[v_role:REPRESENTS]->(:Subject)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known
  WITH v_role.name AS v_name, collect(DISTINCT v_person.token) AS v_tokens
  WHERE size(v_tokens) > 1
  RETURN [v_name, v_tokens] ORDER BY v_name
}

// One person by the hub's token, where any role of it is known.
// <columns>: projection of v_person
// $token: the hub's own token
// $known: instant of what was known, microseconds
MATCH (v_person:Person {token: $token})
WHERE EXISTS {
  MATCH (v_person)-[v_role:REPRESENTS|HOLDS]->(v_at:Subject)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known
}
RETURN <columns> AS value

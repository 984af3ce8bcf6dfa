// Legal representatives of a subject on the day asked about.
// <node>: the subject; <columns>: what to return of v_person
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_person:Person)-[v_role:REPRESENTS]->(<node>)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known
    AND v_role.valid_from <= $as_of AND v_role.valid_to >= $as_of
  WITH DISTINCT v_person ORDER BY v_person.name, v_person.token
  RETURN <columns>
}

// A page of persons of one name, by token: [token, projections…]. Persons of one name stay apart.
// <rows>: projections of v_person; <after>, <first>: the page
// $name: full name in the form in which names are compared
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_person:Person {compared: $name})
WHERE (<after> IS NULL OR v_person.token > <after>) AND EXISTS {
  MATCH (v_person)-[v_role:REPRESENTS|HOLDS]->(v_at:Subject)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known AND v_role.valid_from <= $as_of
}
WITH v_person ORDER BY v_person.token LIMIT <first>
RETURN [v_person.token, <rows>] AS value

// A page of persons of one name who have or had a role at one organisation, by token: [token, projections…].
// <rows>: projections of v_person; <after>, <first>: the page
// $name: full name in the form in which names are compared, as recorded for the person or given with the role
// $organisation: unified social credit code
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_person:Person)-[v_role:REPRESENTS|HOLDS]->(:Subject {code: $organisation})
WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known AND v_role.valid_from <= $as_of
  AND (v_person.compared = $name OR v_role.compared = $name) AND (<after> IS NULL OR v_person.token > <after>)
WITH DISTINCT v_person ORDER BY v_person.token LIMIT <first>
RETURN [v_person.token, <rows>] AS value

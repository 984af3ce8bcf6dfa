// What reaches one person.
// <value>: the candidates of v_person
// $token: the hub's own token
MATCH (v_person:Person {token: $token})
RETURN <value> AS value

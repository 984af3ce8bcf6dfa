// Whom a record is about, in whatever version it was ever held.
// $id: id of the decision
MATCH (r:Record {id: $id}) RETURN DISTINCT r.code AS code ORDER BY code

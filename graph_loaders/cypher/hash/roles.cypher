// Roles held now in the next subjects; a subject without any gives one row without a role.
// ROLE is the relation.
// $after: the last code of the page before
// $open: the open end of recorded time
// $limit: how many subjects
MATCH (s:Subject) WHERE s.code > $after
WITH s ORDER BY s.code LIMIT $limit
OPTIONAL MATCH (s)<-[r:ROLE]-(h) WHERE r.retracted_at = $open
RETURN s.code AS code, r{.*} AS fact, h.token AS token, h.adult_on AS adult_on, h.code AS holder_code

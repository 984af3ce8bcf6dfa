// The next subjects in the order of their codes, for the end of a full snapshot.
// $after: the last code of the page before
// $limit: how many
MATCH (s:Subject) WHERE s.code > $after
RETURN s.code AS code
ORDER BY s.code LIMIT $limit

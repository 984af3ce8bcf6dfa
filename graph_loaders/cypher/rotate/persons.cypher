// The next persons whose token is still under the old key, with all that has the token in its ids.
// $after: the last token of the page before
// $key_id: the old key
// $limit: how many
MATCH (p:Person) WHERE p.token > $after AND p.key_id = $key_id
WITH p ORDER BY p.token LIMIT $limit
RETURN p.token AS token, p.adult_on AS adult_on,
  COLLECT { MATCH (p)-[r:REPRESENTS]->(s:Subject) RETURN r{.vid, .valid_from, .valid_to, .name, code: s.code} } AS represents,
  COLLECT { MATCH (p)-[r:HOLDS]->(s:Subject) RETURN r{.vid, .valid_from, .valid_to, .name, .share, .part, code: s.code} } AS holds,
  COLLECT { MATCH (p)<-[:FOR]-(l:Lift) RETURN l{.vid, .document, .form, .on, .authority, .adult_on} } AS lifts
ORDER BY token

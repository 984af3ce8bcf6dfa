// New ids of roles, after their persons have new tokens.
// ROLE is the relation.
// $rows: token (new), old (vid), vid, key
UNWIND $rows AS row
MATCH (p:Person {token: row.token})-[r:ROLE {vid: row.old}]->()
SET r.vid = row.vid, r.key = row.key

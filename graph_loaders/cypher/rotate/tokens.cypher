// New tokens of persons.
// $rows: old, new
// $key_id: the new key
UNWIND $rows AS row
MATCH (p:Person {token: row.old})
SET p.token = row.new, p.key_id = $key_id

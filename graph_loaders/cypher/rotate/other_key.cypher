// A person whose token is under none of the keys that this hub has.
// $key_ids: ids of the hub's keys
MATCH (p:Person) WHERE NOT p.key_id IN $key_ids
RETURN p.key_id AS key_id LIMIT 1

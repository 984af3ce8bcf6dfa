// The key of some person; all have the same except while the key is being changed.
MATCH (p:Person)
RETURN p.key_id AS key_id LIMIT 1

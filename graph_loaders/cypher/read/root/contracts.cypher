// A page of all contracts, newest first: [sort key, projections…]. One clause, as in records.cypher.
// <wanted>: which of v_contract; <first>: one more than a page; <rows>: projections
// $newest: sort keys below this one
// $oldest: sort keys from this one
// $known: instant of what was known, microseconds
MATCH (v_contract:Contract)
WHERE v_contract.order_key >= $oldest AND v_contract.order_key < $newest
  AND v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND <wanted>
RETURN [v_contract.order_key, <rows>] AS value ORDER BY v_contract.order_key DESC LIMIT <first>

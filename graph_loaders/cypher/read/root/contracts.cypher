// A page of all contracts, newest first: [sort key, projections…]. Read in two parts, as in records.cypher.
// <wanted>, <wanted_old>: which of v_contract, v_old; <first>: one more than a page; <rows>: projections of v_item
// $newest: sort keys below this one
// $window: sort keys from this one are the newest part
// $oldest: sort keys from this one
// $known: instant of what was known, microseconds
MATCH (v_contract:Contract)
WHERE v_contract.order_key >= $window AND v_contract.order_key < $newest
WITH v_contract
WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND <wanted>
WITH v_contract ORDER BY v_contract.order_key DESC LIMIT <first>
WITH collect(v_contract.vid) AS v_page
WITH CASE WHEN size(v_page) >= <first> OR $window <= $oldest THEN v_page ELSE v_page + COLLECT {
  MATCH (v_old:Contract)
  WHERE v_old.order_key >= $oldest AND v_old.order_key < $window
  WITH v_old
  WHERE v_old.recorded_at <= $known AND v_old.retracted_at > $known AND <wanted_old>
  RETURN v_old.vid ORDER BY v_old.order_key DESC LIMIT <first>
} END AS v_vids
UNWIND v_vids[0..<first>] AS v_vid
MATCH (v_item:Contract {vid: v_vid})
RETURN [v_item.order_key, <rows>] AS value ORDER BY v_item.order_key DESC

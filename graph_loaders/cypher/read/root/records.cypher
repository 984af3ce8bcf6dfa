// A page of all records, newest first: [sort key, projections…]. One clause, so that both engines follow the index of
// sort keys from its end and stop when the page is full.
// <visible>, <wanted>: which of v_rec; <first>: one more than a page; <rows>: projections
// $newest: sort keys below this one
// $oldest: sort keys from this one
// $known: instant of what was known, microseconds
MATCH (v_rec:Record)
WHERE v_rec.order_key >= $oldest AND v_rec.order_key < $newest
  AND v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND <wanted> AND <visible>
RETURN [v_rec.order_key, <rows>] AS value ORDER BY v_rec.order_key DESC LIMIT <first>

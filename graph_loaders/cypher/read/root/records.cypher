// A page of all records, newest first: [sort key, projections…]. The index is read for the newest part first; the rest
// only when that part did not fill the page (a subquery inside CASE runs only when it is needed).
// <visible>, <wanted>: which of v_rec; <visible_old>, <wanted_old>: the same for v_old; <first>: one more than a page; <rows>: projections of v_item
// $newest: sort keys below this one
// $window: sort keys from this one are the newest part
// $oldest: sort keys from this one
// $known: instant of what was known, microseconds
MATCH (v_rec:Record)
WHERE v_rec.order_key >= $window AND v_rec.order_key < $newest
WITH v_rec
WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND <visible>
<wanted>
WITH v_rec ORDER BY v_rec.order_key DESC LIMIT <first>
WITH collect(v_rec.vid) AS v_page
WITH CASE WHEN size(v_page) >= <first> OR $window <= $oldest THEN v_page ELSE v_page + COLLECT {
  MATCH (v_old:Record)
  WHERE v_old.order_key >= $oldest AND v_old.order_key < $window
  WITH v_old
  WHERE v_old.recorded_at <= $known AND v_old.retracted_at > $known AND <visible_old>
  <wanted_old>
  RETURN v_old.vid ORDER BY v_old.order_key DESC LIMIT <first>
} END AS v_vids
UNWIND v_vids[0..<first>] AS v_vid
MATCH (v_item:Record {vid: v_vid})
WITH v_item ORDER BY v_item.order_key DESC
RETURN [v_item.order_key, <rows>] AS value

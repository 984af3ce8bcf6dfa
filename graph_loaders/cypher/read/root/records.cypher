// A page of all records, newest first: [sort key, projections…]. The index is read for the newest part first; the rest
// only when that part did not fill the page (a subquery inside CASE runs only when it is needed).
// v_rec, v_old: records with states v_st, v_ost; <…_old>: the same conditions for v_old
// <state_of_record>, <visible>, <wanted>: which ones; <first>: one more than a page; <rows>: projections of v_rec, v_now
// $newest: sort keys below this one
// $window: sort keys from this one are the newest part
// $oldest: sort keys from this one
// $known: instant of what was known, microseconds
MATCH (v_rec:Record)
WHERE v_rec.order_key >= $window AND v_rec.order_key < $newest
WITH v_rec
WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known
WITH v_rec, <state_of_record> AS v_st
WHERE <visible> AND <wanted>
WITH v_rec ORDER BY v_rec.order_key DESC LIMIT <first>
WITH collect(v_rec.vid) AS v_page
WITH CASE WHEN size(v_page) >= <first> OR $window <= $oldest THEN v_page ELSE v_page + COLLECT {
  MATCH (v_old:Record)
  WHERE v_old.order_key >= $oldest AND v_old.order_key < $window
  WITH v_old
  WHERE v_old.recorded_at <= $known AND v_old.retracted_at > $known
  WITH v_old, <state_of_old> AS v_ost
  WHERE <visible_old> AND <wanted_old>
  RETURN v_old.vid ORDER BY v_old.order_key DESC LIMIT <first>
} END AS v_vids
UNWIND v_vids[0..<first>] AS v_vid
MATCH (v_item:Record {vid: v_vid})
WITH v_item, <state_of_item> AS v_now
RETURN [v_item.order_key, <rows>] AS value ORDER BY v_item.order_key DESC

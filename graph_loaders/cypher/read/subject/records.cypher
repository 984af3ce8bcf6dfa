// A page of the records about a subject, newest first: [sort key, projections…], one more than asked for.
// <node>: the subject; <visible>: which of v_rec may be seen; <wanted>: which are asked for; <after>, <first>: the page; <rows>: projections
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_rec:Record)
  WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of
    AND (<after> IS NULL OR v_rec.order_key < <after>) AND <wanted> AND <visible>
  WITH v_rec ORDER BY v_rec.order_key DESC LIMIT <first>
  RETURN [v_rec.order_key, <rows>]
}

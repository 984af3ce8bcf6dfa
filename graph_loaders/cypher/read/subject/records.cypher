// A page of the records about a subject, newest first: [sort key, projections…], one more than asked for.
// <node>: the subject; <state_of_record>, <visible>, <wanted>: which of v_rec with state v_st; <after>, <first>: the page; <rows>: projections
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_rec:Record)
  WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of
    AND (<after> IS NULL OR v_rec.order_key < <after>)
  WITH v_rec, <state_of_record> AS v_st
  WHERE <visible> AND <wanted>
  WITH v_rec, v_st ORDER BY v_rec.order_key DESC LIMIT <first>
  RETURN [v_rec.order_key, <rows>]
}

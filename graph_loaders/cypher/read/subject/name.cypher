// The name of a subject: of its state, or where it is registered elsewhere, the latest name given in what may be seen here.
// <node>: the subject; <state>: its name in the registry, or null; <visible>: rows of v_rec that may be seen; <more>: further names, latest first
// $as_of: day asked about
// $known: instant of what was known, microseconds
CASE WHEN EXISTS {
  MATCH (<node>)<-[:STATE_OF]-(v_any:SubjectState)
  WHERE v_any.recorded_at <= $known AND v_any.retracted_at > $known
} THEN <state> ELSE coalesce(head(COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_rec:Record)
  WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of
    AND v_rec.name_as_given <> ''
  WITH v_rec, <state_of_record> AS v_st
  WHERE <visible>
  RETURN v_rec.name_as_given ORDER BY v_rec.order_key DESC, v_rec.vid LIMIT 1
}), <more>) END

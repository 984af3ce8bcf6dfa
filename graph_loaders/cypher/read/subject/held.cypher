// Whether a subject may be seen at all: it is registered here, or something that may be seen is held about it.
// <node>: the subject; <visible>: whether the record v_rec may be seen; <more>: further grounds
// $as_of: day asked about
// $known: instant of what was known, microseconds
(EXISTS {
  MATCH (<node>)<-[:STATE_OF]-(v_any:SubjectState)
  WHERE v_any.recorded_at <= $known AND v_any.retracted_at > $known
} OR EXISTS {
  MATCH (<node>)<-[:ABOUT]-(v_rec:Record)
  WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of AND <visible>
} <more>)

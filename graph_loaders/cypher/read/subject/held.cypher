// Whether a subject may be seen at all: it is registered here, or something that may be seen is held about it.
// <node>: the subject; <state_of_record>, <visible>: rows of v_rec that may be seen; <more>: further grounds
// $as_of: day asked about
// $known: instant of what was known, microseconds
(EXISTS {
  MATCH (<node>)<-[:STATE_OF]-(v_any:SubjectState)
  WHERE v_any.recorded_at <= $known AND v_any.retracted_at > $known
} OR EXISTS {
  MATCH (<node>)<-[:ABOUT]-(v_rec:Record)
  WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of
  WITH v_rec, <state_of_record> AS v_st
  WHERE <visible>
  RETURN v_rec
} <more>)

// The name of a subject: of its state, or where it is registered elsewhere, the latest name given in what may be seen here.
// <node>: the subject; <state>: its name in the registry, or null; <given>: the name given elsewhere
// $known: instant of what was known, microseconds
CASE WHEN EXISTS {
  MATCH (<node>)<-[:STATE_OF]-(v_any:SubjectState)
  WHERE v_any.recorded_at <= $known AND v_any.retracted_at > $known
} THEN <state> ELSE <given> END

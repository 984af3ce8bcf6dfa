// Commitments of a subject, newest first.
// <node>: the subject; <still>: a further condition; <columns>: what to return of v_promise
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_promise:Commitment)
  WHERE v_promise.recorded_at <= $known AND v_promise.retracted_at > $known AND v_promise.made_on <= $as_of <still>
  WITH v_promise ORDER BY v_promise.made_on DESC, v_promise.number DESC, v_promise.vid
  RETURN <columns>
}

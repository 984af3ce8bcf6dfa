// Numbers of commitments in one state on the day asked about.
// <wanted>: the state; <state>: that of v_promise
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_promise:Commitment)
  WHERE v_promise.recorded_at <= $known AND v_promise.retracted_at > $known
  WITH v_promise, <state> AS v_st
  WHERE v_st = <wanted>
  RETURN v_promise.number ORDER BY v_promise.number
}

// Numbers of contracts completed after their day, by the day asked about.
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_contract:Contract)
  WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known
    AND v_contract.completed_on <= $as_of AND v_contract.completed_on > v_contract.due_on
  RETURN v_contract.number ORDER BY v_contract.number
}

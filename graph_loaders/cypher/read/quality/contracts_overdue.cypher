// Numbers of contracts that are overdue on the day asked about.
// <overdue>: whether v_contract is
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_contract:Contract)
  WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND <overdue>
  RETURN v_contract.number ORDER BY v_contract.number
}

// One contract by its id.
// <columns>: projection of v_contract
// $id: id of the contract
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_contract:Contract {id: $id})
WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND v_contract.signed_on <= $as_of
RETURN <columns> AS value ORDER BY v_contract.vid LIMIT 1

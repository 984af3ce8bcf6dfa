// A page of the contracts that a subject is party to, newest first: [sort key, projections…].
// <node>: the subject; <after>, <first>: the page; <rows>: projections of v_contract
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)-[:PARTY_TO]->(v_contract:Contract)
  WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND v_contract.signed_on <= $as_of
    AND (<after> IS NULL OR v_contract.order_key < <after>)
  WITH DISTINCT v_contract ORDER BY v_contract.order_key DESC LIMIT <first>
  RETURN [v_contract.order_key, <rows>]
}

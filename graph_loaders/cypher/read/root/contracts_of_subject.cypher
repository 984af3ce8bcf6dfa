// A page of the contracts that one subject is party to, newest first: [sort key, projections…].
// <wanted>: which of v_contract; <after>, <first>: the page; <rows>: projections
// $subject: unified social credit code
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_subject:Subject {code: $subject})-[:PARTY_TO]->(v_contract:Contract)
WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND v_contract.signed_on <= $as_of
  AND (<after> IS NULL OR v_contract.order_key < <after>) AND <wanted>
WITH DISTINCT v_contract ORDER BY v_contract.order_key DESC LIMIT <first>
RETURN [v_contract.order_key, <rows>] AS value

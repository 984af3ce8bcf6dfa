// Names of a subject in roles, contracts and commitments, for one that is registered elsewhere and has no record to be seen.
// <node>: the subject
// $as_of: day asked about
// $known: instant of what was known, microseconds
head(COLLECT {
  MATCH (<node>)-[v_holding:HOLDS]->(:Subject)
  WHERE v_holding.recorded_at <= $known AND v_holding.retracted_at > $known AND v_holding.valid_from <= $as_of
    AND v_holding.name <> ''
  RETURN v_holding.name ORDER BY v_holding.valid_from DESC, v_holding.vid LIMIT 1
}), head(COLLECT {
  MATCH (<node>)-[v_part:PARTY_TO]->(v_contract:Contract)
  WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND v_contract.signed_on <= $as_of
    AND v_part.name <> ''
  RETURN v_part.name ORDER BY v_contract.order_key DESC, v_part.name LIMIT 1
}), head(COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_promise:Commitment)
  WHERE v_promise.recorded_at <= $known AND v_promise.retracted_at > $known AND v_promise.made_on <= $as_of
    AND v_promise.name_as_given <> ''
  RETURN v_promise.name_as_given ORDER BY v_promise.made_on DESC, v_promise.vid LIMIT 1
})

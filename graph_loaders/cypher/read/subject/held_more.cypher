// Further grounds to show a subject, to those who may see roles, contracts, commitments and ratings.
// <node>: the subject
// $as_of: day asked about
// $known: instant of what was known, microseconds
OR EXISTS {
  MATCH (<node>)-[v_role:REPRESENTS|HOLDS]-(v_other)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known AND v_role.valid_from <= $as_of
} OR EXISTS {
  MATCH (<node>)-[:PARTY_TO]->(v_contract:Contract)
  WHERE v_contract.recorded_at <= $known AND v_contract.retracted_at > $known AND v_contract.signed_on <= $as_of
} OR EXISTS {
  MATCH (<node>)<-[:ABOUT]-(v_promise:Commitment)
  WHERE v_promise.recorded_at <= $known AND v_promise.retracted_at > $known AND v_promise.made_on <= $as_of
} OR EXISTS {
  MATCH (<node>)<-[:ABOUT]-(v_rating:Rating)
  WHERE v_rating.recorded_at <= $known AND v_rating.retracted_at > $known AND v_rating.rated_on <= $as_of
}

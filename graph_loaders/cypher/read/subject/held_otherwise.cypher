// Further grounds to show a subject, to those who may see roles, contracts, commitments and ratings.
// <node>: the subject
// $as_of: day asked about
// $known: instant of what was known, microseconds
OR EXISTS {
  MATCH (<node>)-[v_link:REPRESENTS|HOLDS|PARTY_TO|ABOUT]-(v_fact)
  WHERE v_fact.adverse IS NULL
    AND coalesce(v_link.valid_from, v_fact.valid_from) <= $as_of
    AND coalesce(v_link.recorded_at, v_fact.recorded_at) <= $known
    AND coalesce(v_link.retracted_at, v_fact.retracted_at) > $known
}

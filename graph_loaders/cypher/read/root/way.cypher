// Ways of one length between two nodes over relations that stood on the day asked about. Records and contracts: see path.
// <from>, <to>: the ends; <hops>: the length
// $as_of: day asked about
// $known: instant of what was known, microseconds
// $ways: how many at most
COLLECT {
  MATCH v_way = (<from>)-[:REPRESENTS|HOLDS|PARTY_TO|ABOUT*<hops>..<hops>]-(<to>)
  WHERE ALL(v_step IN relationships(v_way) WHERE
    coalesce(v_step.recorded_at, endNode(v_step).recorded_at, 0) <= $known
    AND coalesce(v_step.retracted_at, endNode(v_step).retracted_at, $known + 1) > $known
    AND coalesce(v_step.valid_from, endNode(v_step).valid_from, '') <= $as_of
    AND coalesce(v_step.valid_to, $as_of) >= $as_of)
  RETURN v_way LIMIT $ways
}

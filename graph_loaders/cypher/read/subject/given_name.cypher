// The latest name given for a subject in records that may be seen and in other facts, for one that is registered elsewhere.
// <node>: the subject; <others>: whether facts other than records may be seen; <visible>: whether a record v_fact may be seen
// $as_of: day asked about
// $known: instant of what was known, microseconds
head(COLLECT {
  MATCH (<node>)-[v_link:ABOUT|HOLDS|PARTY_TO]-(v_fact)
  WITH v_link, v_fact, coalesce(v_fact.name_as_given, v_link.name) AS v_name, coalesce(v_link.vid, v_fact.vid) AS v_vid,
    coalesce(v_link.valid_from, v_fact.valid_from) AS v_begin
  WHERE v_name <> '' AND NOT (type(v_link) = 'HOLDS' AND endNode(v_link) = <node>) AND v_begin <= $as_of
    AND coalesce(v_link.recorded_at, v_fact.recorded_at) <= $known
    AND coalesce(v_link.retracted_at, v_fact.retracted_at) > $known
    AND (v_fact.adverse IS NULL AND <others> OR v_fact.adverse IS NOT NULL AND <visible>)
  RETURN v_name ORDER BY v_fact.adverse IS NULL, v_begin DESC, v_vid LIMIT 1
})

// A page of subjects that bear or bore a name, by code: [code, [name, its first day]…, projections…].
// <rows>: projections of v_subject and v_names; <after>, <first>: the page
// $name: part of a name in the form in which names are compared, "" for all
// $kind: kind now, or null
// $region: region of registration now, or null
// $status: registration status now, or null
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_match:SubjectState)
WHERE v_match.compared CONTAINS $name
WITH v_match
WHERE v_match.recorded_at <= $known AND v_match.retracted_at > $known AND v_match.valid_from <= $as_of
  AND (<after> IS NULL OR v_match.code > <after>)
MATCH (v_match)-[:STATE_OF]->(v_subject:Subject)
WITH DISTINCT v_subject
WITH v_subject, CASE WHEN $kind IS NULL AND $region IS NULL AND $status IS NULL THEN [] ELSE head(COLLECT {
  MATCH (v_subject)<-[:STATE_OF]-(v_state:SubjectState)
  WHERE v_state.recorded_at <= $known AND v_state.retracted_at > $known AND v_state.valid_from <= $as_of
  RETURN [v_state.kind, v_state.region, v_state.status] ORDER BY v_state.valid_from DESC, v_state.vid LIMIT 1
}) END AS v_at
WHERE ($kind IS NULL OR v_at[0] = $kind) AND ($region IS NULL OR v_at[1] = $region)
  AND ($status IS NULL OR v_at[2] = $status)
WITH v_subject ORDER BY v_subject.code LIMIT <first>
WITH v_subject, COLLECT {
  MATCH (v_subject)<-[:STATE_OF]-(v_named:SubjectState)
  WHERE v_named.recorded_at <= $known AND v_named.retracted_at > $known AND v_named.valid_from <= $as_of
  RETURN v_named.name ORDER BY v_named.valid_from DESC, v_named.vid
} AS v_names
RETURN [v_subject.code, <rows>] AS value ORDER BY v_subject.code

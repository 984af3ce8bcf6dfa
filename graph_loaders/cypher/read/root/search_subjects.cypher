// A page of subjects that bear or bore a name, by code: [code, [name, its first day]…, projections…].
// <rows>: projections of v_subject and v_names; <after>, <first>: the page
// $name: part of a name, "" for all
// $kind: kind now, or null
// $region: region of registration now, or null
// $status: registration status now, or null
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_match:SubjectState)
WHERE v_match.name CONTAINS $name
WITH v_match
WHERE v_match.recorded_at <= $known AND v_match.retracted_at > $known AND v_match.valid_from <= $as_of
  AND (<after> IS NULL OR v_match.code > <after>)
WITH DISTINCT v_match.code AS v_code
WITH v_code, head(COLLECT {
  MATCH (v_state:SubjectState {code: v_code})
  WHERE v_state.recorded_at <= $known AND v_state.retracted_at > $known AND v_state.valid_from <= $as_of
  RETURN [v_state.kind, v_state.region, v_state.status] ORDER BY v_state.valid_from DESC, v_state.vid LIMIT 1
}) AS v_at
WHERE ($kind IS NULL OR v_at[0] = $kind) AND ($region IS NULL OR v_at[1] = $region)
  AND ($status IS NULL OR v_at[2] = $status)
WITH v_code ORDER BY v_code LIMIT <first>
MATCH (v_subject:Subject {code: v_code})
WITH v_subject, COLLECT {
  MATCH (v_subject)<-[:STATE_OF]-(v_named:SubjectState)
  WHERE v_named.recorded_at <= $known AND v_named.retracted_at > $known AND v_named.valid_from <= $as_of
  RETURN v_named.name ORDER BY v_named.valid_from DESC, v_named.vid
} AS v_names
RETURN [v_subject.code, <rows>] AS value ORDER BY v_subject.code

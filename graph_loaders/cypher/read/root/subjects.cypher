// Many subjects by their codes, each at most once.
// <held>: whether it may be seen; <values>: projections of v_subject
// $codes: unified social credit codes, each once
UNWIND $codes AS v_code
MATCH (v_subject:Subject {code: v_code})
WHERE <held>
RETURN v_subject.code AS code, [<values>] AS value

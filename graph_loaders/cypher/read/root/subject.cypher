// One subject by its code, where anything about it may be seen.
// <held>: whether it may be seen; <columns>: projection of v_subject
// $code: unified social credit code
MATCH (v_subject:Subject {code: $code})
WHERE <held>
RETURN <columns> AS value

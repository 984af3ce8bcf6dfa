// Names that the registry holds now, former ones included.
// $codes: distinct codes
// $open: the open end of recorded time
UNWIND $codes AS code
MATCH (n:SubjectState {code: code}) WHERE n.retracted_at = $open
RETURN code AS code, n.name AS name

// Subjects are identity only: made for every code that a fact names.
// $codes: distinct unified social credit codes
UNWIND $codes AS code
MERGE (:Subject {code: code})

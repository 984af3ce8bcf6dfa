// Deciding documents, so that endings and lifts find their place before or after what they end.
// $numbers: distinct document numbers in their canonical form
UNWIND $numbers AS number
MERGE (:Document {number: number})

// Numbers that endings are held of, with these endings and the records held under the same number.
// $forms: distinct numbers in their canonical form
// $open: the open end of recorded time
UNWIND $forms AS form
MATCH (d:Document {number: form})<-[:ENDS]-(e:Ending) WHERE e.retracted_at = $open
WITH d, collect(e{.vid, .code, .compared, .by, .on, .ends, .unbound}) AS endings
RETURN endings, COLLECT {
  MATCH (d)<-[:DECIDED_IN]-(r:Record) WHERE r.retracted_at = $open
  RETURN r{.id, .code, .by, .decided_on, names: [r.compared] + COLLECT {
    MATCH (r)-[:ABOUT]->(:Subject)<-[:STATE_OF]-(s:SubjectState) WHERE s.retracted_at = $open
    RETURN s.compared
  }}
} AS records

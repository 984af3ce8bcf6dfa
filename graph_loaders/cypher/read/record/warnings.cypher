// What to know about a record's data: [names in the registry, end computed, name as given, doubts].
// <node>: the record
// $known: instant of what was known, microseconds
[COLLECT {
  MATCH (<node>)-[:ABOUT]->(:Subject)<-[:STATE_OF]-(v_state:SubjectState)
  WHERE v_state.recorded_at <= $known AND v_state.retracted_at > $known
  RETURN v_state.name
}, <node>.until_computed, <node>.name_as_given, <node>.doubts]

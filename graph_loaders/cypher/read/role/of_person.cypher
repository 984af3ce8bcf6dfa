// A page of the dated roles of a person, the newest first, ended ones too: [sort key, projections…].
// <node>: the person; <after>, <first>: the page; <rows>: projections of v_role with v_subject and v_self, the person
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)-[v_role:REPRESENTS|HOLDS]->(v_subject:Subject)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known AND v_role.valid_from <= $as_of
  WITH <node> AS v_self, v_subject, v_role, v_role.valid_from + '|' + v_role.vid AS v_order
  WHERE <after> IS NULL OR v_order < <after>
  WITH v_self, v_subject, v_role, v_order ORDER BY v_order DESC LIMIT <first>
  RETURN [v_order, <rows>]
}

// A page of the dated roles at a subject, the newest first, ended ones too: [sort key, projections…].
// <node>: the subject; <after>, <first>: the page; <rows>: projections of v_role with v_holder and v_self, the subject
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_holder)-[v_role:REPRESENTS|HOLDS]->(<node>)
  WHERE v_role.recorded_at <= $known AND v_role.retracted_at > $known AND v_role.valid_from <= $as_of
  WITH <node> AS v_self, v_holder, v_role, v_role.valid_from + '|' + v_role.vid AS v_order
  WHERE <after> IS NULL OR v_order < <after>
  WITH v_self, v_holder, v_role, v_order ORDER BY v_order DESC LIMIT <first>
  RETURN [v_order, <rows>]
}

// Other organisations that the person represents on the day asked about, for records whose rule reports there.
// $reporting: "kind|list type" of the records whose rule reports on other organisations
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<holder>)-[v_also:REPRESENTS]->(v_other:Subject)
  WHERE v_rec.kind + '|' + v_rec.list_type IN $reporting
    AND v_also.recorded_at <= $known AND v_also.retracted_at > $known
    AND v_also.valid_from <= $as_of AND v_also.valid_to >= $as_of
    AND v_other.code <> <subject>.code
  RETURN v_other {.code, registered: <registered>, subjects: <subjects>}
}

// Organisations with five complaints or more by the day asked about: [code, name, days of the complaints].
// <name>: name of v_subject
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_complaint:Complaint)
  WHERE v_complaint.recorded_at <= $known AND v_complaint.retracted_at > $known AND v_complaint.received_on <= $as_of
  WITH v_complaint.code AS v_code, collect(v_complaint.received_on) AS v_days
  WHERE size(v_days) >= 5
  MATCH (v_subject:Subject {code: v_code})
  WITH v_subject, v_code, v_days ORDER BY v_code
  RETURN [v_code, <name>, v_days]
}

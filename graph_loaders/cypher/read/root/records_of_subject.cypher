// A page of the records about one subject, newest first: [sort key, projections…].
// <visible>: which of v_rec may be seen; <wanted>: which are asked for; <after>, <first>: the page; <rows>: projections
// $subject: unified social credit code
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_subject:Subject {code: $subject})<-[:ABOUT]-(v_rec:Record)
WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of
  AND (<after> IS NULL OR v_rec.order_key < <after>) AND <wanted> AND <visible>
WITH v_rec ORDER BY v_rec.order_key DESC LIMIT <first>
RETURN [v_rec.order_key, <rows>] AS value

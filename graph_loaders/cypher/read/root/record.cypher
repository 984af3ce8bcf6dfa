// One record by its id, where it may be seen.
// <visible>: whether v_rec may be seen; <columns>: projection of v_rec
// $id: id of the decision
// $as_of: day asked about
// $known: instant of what was known, microseconds
MATCH (v_rec:Record {id: $id})
WHERE v_rec.recorded_at <= $known AND v_rec.retracted_at > $known AND v_rec.decided_on <= $as_of AND <visible>
WITH v_rec ORDER BY v_rec.vid LIMIT 1
RETURN <columns> AS value

// Decisions that the sources give with two fines or two days: [document, code, fines in CNY].
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_rec:Record)
  WHERE v_rec.claimed AND v_rec.kind = 'PENALTY' AND v_rec.recorded_at <= $known
  WITH v_rec.id AS v_id, min(v_rec.document) AS v_document, v_rec.code AS v_code,
    collect(DISTINCT v_rec.amount) AS v_amounts, collect(DISTINCT v_rec.amount + '|' + v_rec.decided_on) AS v_said
  WHERE size(v_said) > 1
  RETURN [v_document, v_code, v_amounts] ORDER BY v_document, v_code
}

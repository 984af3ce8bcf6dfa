// A page of all records that a rule may pierce, by version id, for trying rules over the whole graph.
// $after: version id of the last record of the page before, or ""
// $size: records looked at for a page
MATCH (v_rec:Record) WHERE v_rec.vid > $after
WITH v_rec ORDER BY v_rec.vid LIMIT $size
MATCH (v_rec)-[:ABOUT]->(<subject>:Subject)
RETURN v_rec.vid AS vid, CASE WHEN <standing> THEN <candidate> END AS candidate
ORDER BY vid

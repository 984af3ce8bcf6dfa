// The next facts held now, in the order of their ids.
// FACT is the label.
// $after: the last id of the page before
// $open: the open end of recorded time
// $limit: how many
MATCH (n:FACT) WHERE n.vid > $after AND n.retracted_at = $open
RETURN n{.*} AS fact
ORDER BY n.vid LIMIT $limit

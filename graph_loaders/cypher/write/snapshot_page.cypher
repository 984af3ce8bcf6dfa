// The next versions in the order of their ids, for the end of a full snapshot.
// FACT is the label, KEY the indexed property that holds the key.
// $after: the last id of the page before
// $limit: how many
// $run: id of the snapshot
MATCH (n:FACT) WHERE n.vid > $after
RETURN n.vid AS vid, n.KEY AS key, n.kind AS kind, n.form AS form, n.claimed = (n.seen = $run) AS settled
ORDER BY n.vid LIMIT $limit

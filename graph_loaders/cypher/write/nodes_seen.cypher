// Rows of a full snapshot while it is being read: noted, but neither claimed nor held until the whole of it is there.
// FACT is the label.
// $rows: properties of each version, with vid and key
// $now: recorded time, microseconds
// $run: id of the load run, which is the snapshot's id too
UNWIND $rows AS row
MERGE (n:FACT {vid: row.vid})
ON CREATE SET n += row, n.recorded_at = $now, n.retracted_at = $now, n.claimed = false, n.run = $run
SET n.seen = $run

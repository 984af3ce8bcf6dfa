// Claims: a version that is new is held at once; `settle` takes it back where it loses or conflicts.
// Returns the rows that say what another row of this run said.
// FACT is the label.
// $rows: properties of each version, with vid and key
// $now: recorded time, microseconds
// $open: the open end of recorded time
// $run: id of the load run
UNWIND $rows AS row
MERGE (n:FACT {vid: row.vid})
ON CREATE SET n += row, n.recorded_at = $now, n.retracted_at = $open, n.claimed = true, n.run = $run, n.seen = ''
FOREACH (_ IN CASE WHEN n.claimed THEN [] ELSE [1] END | SET n.claimed = true)
WITH sum(CASE WHEN n.recorded_at = $now THEN 1 ELSE 0 END) AS made,
  collect(CASE WHEN n.run = $run AND (n.source <> row.source OR n.row <> row.row) THEN [row.source, row.row] END) AS again
MATCH (v:DataVersion {name: 'hub'})
SET v.at = CASE WHEN made > 0 THEN $now ELSE v.at END
RETURN again

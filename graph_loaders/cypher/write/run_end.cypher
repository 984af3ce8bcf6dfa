// The end of a load run, with its counts.
// $id: id of the run
// $properties: finished_at, counts, report
MATCH (r:LoadRun {id: $id})
SET r += $properties

// A load run, unfinished until `run_end`; one that was killed stays unfinished.
// $id: id of the run
// $properties: what is known at its start
MERGE (r:LoadRun {id: $id})
SET r += $properties

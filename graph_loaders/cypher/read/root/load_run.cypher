// One load by its id.
// <columns>: projection of v_run
// $id: id of the load
MATCH (v_run:LoadRun {id: $id})
RETURN <columns> AS value

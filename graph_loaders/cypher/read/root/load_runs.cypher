// A page of loads, newest first: [sort key, projections…].
// <after>, <first>: the page; <rows>: projections of v_run
MATCH (v_run:LoadRun)
WHERE <after> IS NULL OR v_run.order_key < <after>
WITH v_run ORDER BY v_run.order_key DESC LIMIT <first>
RETURN [v_run.order_key, <rows>] AS value

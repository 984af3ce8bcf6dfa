// The last finished loads, newest first, with their reports.
MATCH (l:LoadRun) WHERE l.order_key > '' AND l.finished_at > 0 AND l.finished_at < 253402300799000000
RETURN l.report AS report, l.finished_at AS finished_at ORDER BY l.order_key DESC LIMIT 20

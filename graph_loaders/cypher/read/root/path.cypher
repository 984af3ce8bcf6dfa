// The shortest ways between two nodes: lists of [nodes, relations]. A length is tried only when no shorter way was found.
// <label_from>, <key_from>, <label_to>, <key_to>: how the ends are found; <seen_from>, <seen_to>: whether they may be seen
// <ways>: the lengths one after another; <columns>: projection of v_node; <edge>: of v_edge
// $from: key of one end
// $to: key of the other
MATCH (v_from:<label_from> {<key_from>: $from})
WHERE <seen_from>
WITH v_from ORDER BY v_from.vid LIMIT 1
MATCH (v_to:<label_to> {<key_to>: $to})
WHERE <seen_to>
WITH v_from, v_to ORDER BY v_to.vid LIMIT 1
<ways>
UNWIND v_ways AS v_way
RETURN [v_node IN nodes(v_way) | <columns>] AS nodes, [v_edge IN relationships(v_way) | <edge>] AS edges

// What surrounds a node, level by level, the centre first: [label, projection], and the relations that start from each.
// <label>, <key>: how the centre is found; <seen>: whether v_center may be seen; <near>, <far>, <last>: the levels; <columns>, <edges>: of v_node
// $center: key of the centre
// $depth: levels, 1 to 3
// $most: nodes, one more than asked for
MATCH (v_center:<label> {<key>: $center})
WHERE <seen>
WITH v_center ORDER BY v_center.vid LIMIT 1
WITH [v_center] AS v_center
WITH v_center, <near> AS v_near
WITH v_center, v_near, CASE WHEN $depth < 2 THEN [] ELSE <far> END AS v_far
WITH v_center, v_near, v_far, CASE WHEN $depth < 3 THEN [] ELSE <last> END AS v_last
WITH (v_center + v_near + v_far + v_last)[0..$most] AS v_nodes
UNWIND range(0, size(v_nodes) - 1) AS v_place
WITH v_place, v_nodes[v_place] AS v_node
RETURN <columns> AS value, <edges> AS edges ORDER BY v_place

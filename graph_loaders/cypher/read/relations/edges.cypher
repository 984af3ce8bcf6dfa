// The relations that start from a node: [kind, start, end, first day, last day], nodes as [label, key].
// <node>: the node; <standing>: whether v_edge counts; <row>: what to return
// $kinds: kinds of relation to follow
COLLECT {
  MATCH (<node>)-[v_edge]->(v_end)
  WHERE type(v_edge) IN $kinds
  WITH <node> AS v_start, v_edge, v_end
  WHERE <standing>
  RETURN <row> ORDER BY type(v_edge), v_edge.valid_from, v_edge.vid
}

// The nodes one relation further than those of a list, each once.
// <from>: the list; <beyond>: which of v_next are new; <standing>: whether v_edge counts; <order>: a key of v_next
// $kinds: kinds of relation to follow
// $most: nodes, one more than asked for
COLLECT {
  UNWIND <from> AS v_here
  MATCH (v_here)-[v_edge]-(v_next)
  WHERE type(v_edge) IN $kinds AND <beyond>
  WITH v_edge, v_next, startNode(v_edge) AS v_start, endNode(v_edge) AS v_end
  WHERE <standing>
  WITH DISTINCT v_next
  RETURN v_next ORDER BY labels(v_next)[0], <order> LIMIT $most
}

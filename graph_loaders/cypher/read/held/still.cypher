// Whether a commitment or rating shown of the past is held now, in this version or another of the same key.
// <node>: the fact; <label>: its label; <same>, <other>: what more must hold today, of the fact and of v_now
// $now: all that is known now, microseconds
CASE WHEN <node>.retracted_at > $now THEN true <same> ELSE EXISTS {
  MATCH (<node>)-[:ABOUT]->(:Subject)<-[:ABOUT]-(v_now:<label>)
  WHERE v_now.key = <node>.key AND v_now.recorded_at <= $now AND v_now.retracted_at > $now <other>
} END

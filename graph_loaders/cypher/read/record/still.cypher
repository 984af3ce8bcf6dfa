// Whether a record shown of the past is visible today too, by what is known now: this version where it is held, else the
// one of the same decision that is held now.
// <node>: the record; <same>: whether it is visible today; <other>: the same of v_now
// $today: today
// $now: all that is known now, microseconds
CASE WHEN <node>.retracted_at > $now THEN <node>.decided_on <= $today AND <same> ELSE EXISTS {
  MATCH (<node>)-[:DECIDED_IN]->(:Document)<-[:DECIDED_IN]-(v_now:Record)
  WHERE v_now.id = <node>.id AND v_now.recorded_at <= $now AND v_now.retracted_at > $now
    AND v_now.decided_on <= $today AND <other>
} END

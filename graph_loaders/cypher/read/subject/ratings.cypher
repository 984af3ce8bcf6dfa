// Ratings of a subject in force on the day asked about, newest first.
// <node>: the subject; <in_force>: whether v_rating is; <still>: a further condition; <columns>: what to return of it
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_rating:Rating)
  WHERE v_rating.recorded_at <= $known AND v_rating.retracted_at > $known
    AND <in_force> <still>
  WITH v_rating ORDER BY v_rating.rated_on DESC, v_rating.scale, v_rating.vid
  RETURN <columns>
}

// Ratings of a subject in force on the day asked about, newest first.
// <node>: the subject; <columns>: what to return of v_rating
// $as_of: day asked about
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (<node>)<-[:ABOUT]-(v_rating:Rating)
  WHERE v_rating.recorded_at <= $known AND v_rating.retracted_at > $known
    AND v_rating.rated_on <= $as_of AND v_rating.valid_to >= $as_of
  WITH v_rating ORDER BY v_rating.rated_on DESC, v_rating.scale, v_rating.vid
  RETURN <columns>
}

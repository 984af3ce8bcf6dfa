// Whether a rating is in force on the day asked about.
// <node>: the rating
// $as_of: day asked about
<node>.rated_on <= $as_of AND <node>.valid_to >= $as_of

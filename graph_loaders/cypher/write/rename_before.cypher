// A state that a later full snapshot replaces stays true until the day before: kept as a version of its own.
// $codes: distinct codes
// $before: the day before the snapshot's day
// $now: recorded time, microseconds
// $open: the open end of recorded time
UNWIND $codes AS code
MATCH (old:SubjectState {code: code})
WHERE old.retracted_at = $open AND NOT old.claimed AND old.valid_from <= $before AND NOT old.vid CONTAINS '~'
MATCH (new:SubjectState {code: code}) WHERE new.claimed
WITH old, count(DISTINCT new.compared) AS names
WHERE names = 1
MERGE (f:SubjectState {vid: old.vid + '~until~' + $before})
ON CREATE SET f += old{.*, vid: old.vid + '~until~' + $before, valid_to: $before, recorded_at: $now}

// The state that replaces another begins on the snapshot's day.
// $codes: distinct codes
// $today: the snapshot's day
// $now: recorded time, microseconds
// $open: the open end of recorded time
UNWIND $codes AS code
MATCH (new:SubjectState {code: code})
WHERE new.retracted_at = $open AND new.recorded_at = $now AND NOT new.vid CONTAINS '~'
MATCH (old:SubjectState {code: code})
WHERE old.retracted_at = $now AND old.recorded_at < $now AND NOT old.vid CONTAINS '~'
SET new.valid_from = $today

// New ids of lifts.
// $rows: token (new), old (vid), vid, key
UNWIND $rows AS row
MATCH (l:Lift {vid: row.old})
SET l.vid = row.vid, l.key = row.key, l.token = row.token

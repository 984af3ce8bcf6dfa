// Claims of one key that are not all held: none of them where they contradict each other, else all but one.
// FACT is the label, KEY the indexed property that holds the key.
// $keys: distinct keys
// $run: id of the load run whose claims are told
// $open: the open end of recorded time
UNWIND $keys AS key
MATCH (n:FACT {KEY: key}) WHERE n.claimed AND NOT n.vid CONTAINS '~'
WITH key, collect(n) AS claims WHERE size(claims) > 1
WITH claims, any(c IN claims WHERE c.retracted_at = $open) AS held
UNWIND claims AS c
WITH c, held WHERE c.run = $run AND c.retracted_at < $open
RETURN c.source AS source, c.row AS row, held
ORDER BY source, row

// Endings that end no record, and why.
// $vids: ids of versions
// $open: the open end of recorded time
UNWIND $vids AS vid
MATCH (e:Ending {vid: vid}) WHERE e.retracted_at = $open AND e.ends = ''
RETURN e.source AS file, e.row AS row, e.document AS document, e.kind AS ending, e.on AS on, e.unbound AS reason

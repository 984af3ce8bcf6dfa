// Lifts of measures of which no record is held.
// $vids: ids of versions
// $open: the open end of recorded time
UNWIND $vids AS vid
MATCH (l:Lift {vid: vid}) WHERE l.retracted_at = $open AND NOT EXISTS {
  MATCH (l)-[:LIFTS]->(:Document)<-[:DECIDED_IN]-(r:Record) WHERE r.retracted_at = $open
}
RETURN l.source AS file, l.row AS row, l.document AS document, 'LIFT' AS ending, l.on AS on, 'no_record' AS reason

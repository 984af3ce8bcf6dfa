// Endings that end no record: [number, kind, day, authority, why].
// $known: instant of what was known, microseconds
COLLECT {
  MATCH (v_end:Ending)
  WHERE v_end.recorded_at <= $known AND v_end.retracted_at > $known AND coalesce(v_end.ends, '') = ''
  RETURN [v_end.document, v_end.kind, v_end.on, v_end.authority, coalesce(v_end.unbound, 'no_record')]
  ORDER BY v_end.document, v_end.kind, v_end.vid
}

// Whether a relation stood on the day asked about and what it leads to may be seen.
// <edge>: the relation; <start>, <end>: its nodes; <visible>: whether a record at its start may be seen
// $as_of: day asked about
// $known: instant of what was known, microseconds
CASE type(<edge>)
  WHEN 'ABOUT' THEN <start>.adverse IS NOT NULL AND <start>.recorded_at <= $known AND <start>.retracted_at > $known
    AND <start>.decided_on <= $as_of AND <visible>
  WHEN 'PARTY_TO' THEN <end>.recorded_at <= $known AND <end>.retracted_at > $known AND <end>.signed_on <= $as_of
  ELSE <edge>.recorded_at <= $known AND <edge>.retracted_at > $known
    AND <edge>.valid_from <= $as_of AND <edge>.valid_to >= $as_of
END

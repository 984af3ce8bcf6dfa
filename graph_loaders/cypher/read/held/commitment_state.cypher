// State of a commitment on the day asked about.
// <node>: the commitment
// $as_of: day asked about
CASE
  WHEN <node>.status_given CONTAINS '虚假' THEN 'FALSE'
  WHEN <node>.kept_on <= $as_of AND <node>.kept_on <= <node>.due_on THEN 'KEPT'
  WHEN <node>.kept_on <= $as_of THEN 'KEPT_LATE'
  WHEN <node>.due_on < $as_of THEN 'BREACHED'
  ELSE 'DUE'
END

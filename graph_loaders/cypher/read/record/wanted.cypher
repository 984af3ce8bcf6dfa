// The conditions of a RecordFilter; null means that a condition was not given. The state is worked out only where it is asked for.
// <node>: the record; <state>: its state
// <subject>, <kinds>, <states>, <lists>, <begin>, <end>: parameters of the filter, null where not given
(<subject> IS NULL OR <node>.code = <subject>)
AND (<kinds> IS NULL OR <node>.kind IN <kinds>)
AND (<lists> IS NULL OR <node>.list_type IN <lists>)
AND (<begin> IS NULL OR <node>.decided_on >= <begin>)
AND (<end> IS NULL OR <node>.decided_on <= <end>)
AND CASE WHEN <states> IS NULL THEN true ELSE <state>[0] IN <states> END

// State of a record on the day asked about: [state, day it ended, day from which it is void]. docs/graph-model.md has the rules.
// What the source's own status says (standing) has no day of its own; an ending with a day says it more exactly.
// ends: [kind, day] of the endings known; days: first revocation, correction, repair, expiry, '~' for none.
// <node>: the record
// $as_of: day asked about
// $known: instant of what was known, microseconds
head([v_ends IN [[(<node>)-[:DECIDED_IN]->(:Document)<-[:ENDS]-(v_end:Ending)
  WHERE v_end.recorded_at <= $known AND v_end.retracted_at > $known AND v_end.ends CONTAINS <node>.id | [v_end.kind, v_end.on]]] |
head([v_days IN [[
  reduce(v_a = '~', v_x IN v_ends | CASE WHEN v_x[0] = 'REVOCATION' AND v_x[1] < v_a THEN v_x[1] ELSE v_a END),
  reduce(v_b = '~', v_x IN v_ends | CASE WHEN v_x[0] = 'CORRECTION' AND v_x[1] < v_b THEN v_x[1] ELSE v_b END),
  reduce(v_c = '~', v_x IN v_ends | CASE WHEN v_x[0] = 'REPAIR' AND v_x[1] < v_c THEN v_x[1] ELSE v_c END),
  reduce(v_d = CASE
      WHEN <node>.kind IN ['LIST_ENTRY', 'AWARD'] THEN CASE WHEN <node>.until <= $as_of THEN <node>.until ELSE '~' END
      WHEN <node>.valid_to < $as_of THEN <node>.valid_to ELSE '~' END,
    v_x IN v_ends | CASE WHEN v_x[0] = 'EXPIRY' AND v_x[1] <= $as_of AND v_x[1] < v_d THEN v_x[1] ELSE v_d END)
]] | CASE
  WHEN v_days[0] <= $as_of AND v_days[0] <= v_days[1] THEN ['REVOKED', v_days[0], v_days[0]]
  WHEN v_days[1] <= $as_of THEN ['CORRECTED', v_days[1], v_days[1]]
  WHEN <node>.standing = 'REVOKED' THEN ['REVOKED', null, <node>.decided_on]
  WHEN <node>.standing = 'CORRECTED' THEN ['CORRECTED', null, <node>.decided_on]
  WHEN v_days[2] <= $as_of AND v_days[2] <= v_days[3] THEN ['REPAIRED', v_days[2],
    CASE WHEN v_days[0] <= v_days[1] THEN nullIf(v_days[0], '~') ELSE v_days[1] END]
  WHEN <node>.standing = 'REPAIRED' THEN ['REPAIRED', null,
    CASE WHEN v_days[0] <= v_days[1] THEN nullIf(v_days[0], '~') ELSE v_days[1] END]
  WHEN <node>.standing = 'ENDED' THEN ['EXPIRED', null,
    CASE WHEN v_days[0] <= v_days[1] THEN nullIf(v_days[0], '~') ELSE v_days[1] END]
  WHEN v_days[3] <= $as_of THEN ['EXPIRED', v_days[3],
    CASE WHEN v_days[0] <= v_days[1] THEN nullIf(v_days[0], '~') ELSE v_days[1] END]
  ELSE ['ACTIVE', null, CASE WHEN v_days[0] <= v_days[1] THEN nullIf(v_days[0], '~') ELSE v_days[1] END]
END])])

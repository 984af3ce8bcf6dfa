// A record as the judge needs it: the subject's registry entry, lifts and roles, and what is selected of record and subject
// (the last part begins with a comma, or is empty).
v_rec {
  .vid, .id, .kind, .list_type, .tier, .decided_on, .valid_from, .until, .valid_to,
  code: <subject>.code, registered: <registered>, lifts: <lifts>, roles: <roles><record>
}

// A role as the judge needs it, with what is selected of the person (parts begin with a comma, or are empty).
v_role {
  .vid, .valid_from, .valid_to, .share,
  relation: type(v_role), token: <holder>.token, holding: coalesce(<holder>.token, <holder>.code), adult_on: <holder>.adult_on<person><reported>
}

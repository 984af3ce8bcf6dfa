// Condition: a role held at the attribution date of a record, as known, of a kind that some rule about the record
// reaches. All shares: several of one holder count together.
// $holding: "kind|list type" of the records whose rules reach shareholders
// $known: instant of what was known, microseconds
v_role.recorded_at <= $known AND v_role.retracted_at > $known
    AND (v_role.valid_from <= v_rec.decided_on AND v_role.valid_to >= v_rec.decided_on
      OR v_role.valid_from <= v_rec.valid_from AND v_role.valid_to >= v_rec.valid_from)
    AND (type(v_role) = 'REPRESENTS'
      OR v_rec.kind + '|' + v_rec.list_type IN $holding)

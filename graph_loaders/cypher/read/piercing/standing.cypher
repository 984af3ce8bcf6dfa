// Condition: a record that some rule looks at and that is ACTIVE on the day asked about, as known.
// $pierced: "kind|list type" of the records that some rule looks at
// $uses: use scopes of restricted records that the asker may use
// $as_of: day asked about
// $known: instant of what was known, microseconds
v_rec.recorded_at <= $known AND v_rec.retracted_at > $known
    AND v_rec.decided_on <= $as_of AND v_rec.valid_to >= $as_of
    AND v_rec.kind + '|' + v_rec.list_type IN $pierced
    AND (v_rec.standing IS NULL OR v_rec.standing = 'OBJECTION')
    AND (v_rec.use IS NULL OR v_rec.use IN $uses)
    AND NOT EXISTS {
      MATCH (v_rec)-[:DECIDED_IN]->(:Document)<-[:ENDS]-(v_end:Ending)
      WHERE v_end.recorded_at <= $known AND v_end.retracted_at > $known AND v_end.on <= $as_of
        AND v_end.ends CONTAINS v_rec.id AND NOT v_end.kind STARTS WITH 'OBJECTION'
    }

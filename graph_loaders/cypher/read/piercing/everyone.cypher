// Everyone in office at a subject on the attribution date of a record.
COLLECT {
      MATCH (<holder>)-[v_role:REPRESENTS|HOLDS]->(<subject>)
      WHERE <in_office>
      RETURN <role>
    }

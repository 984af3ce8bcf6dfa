// Records about subjects in which a person was in office at the attribution date: a map for each record and role.
COLLECT {
  MATCH (<holder>)-[v_role:REPRESENTS|HOLDS]->(<subject>:Subject)<-[:ABOUT]-(v_rec:Record)
  WHERE <standing>
    AND <in_office>
  RETURN <candidate>
}

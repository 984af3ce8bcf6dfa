// Records about a subject that a rule may pierce, with everyone in office at the attribution date: a list of maps.
COLLECT {
  MATCH (v_rec:Record)-[:ABOUT]->(<subject>)
  WHERE <standing>
  RETURN <candidate>
}

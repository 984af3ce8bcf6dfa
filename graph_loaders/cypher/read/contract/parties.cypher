// Parties of a contract.
// <node>: the contract; <columns>: projection of v_subject and v_part
COLLECT {
  MATCH (v_subject:Subject)-[v_part:PARTY_TO]->(<node>)
  WITH v_subject, v_part ORDER BY v_part.role, v_subject.code
  RETURN <columns>
}

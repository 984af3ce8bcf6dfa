// Whom a record, commitment or rating is about.
// <node>: the fact; <columns>: what to return of v_subject
head(COLLECT {
  MATCH (<node>)-[:ABOUT]->(v_subject:Subject)
  RETURN <columns>
})

// Whom the records about one subject reach; no row when nothing was ever held under the code.
// <value>: the candidates of v_subject
// $code: unified social credit code
MATCH (v_subject:Subject {code: $code})
RETURN <value> AS value

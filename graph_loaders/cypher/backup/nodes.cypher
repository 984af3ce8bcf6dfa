// The next nodes of one label, whole.
// FACT is the label, KEYNAME the property that tells its nodes apart.
// $after: the last key of the page before
// $limit: how many
MATCH (n:FACT) WHERE n.KEYNAME > $after
RETURN n{.*} AS fact
ORDER BY n.KEYNAME LIMIT $limit

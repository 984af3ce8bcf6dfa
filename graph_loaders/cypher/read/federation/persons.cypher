// Own tokens of the persons of this hub, page by page.
// $after: the last token of the page before, "" at first
// $limit: tokens in a page
MATCH (p:Person) WHERE p.token > $after
RETURN p.token AS token ORDER BY token LIMIT $limit

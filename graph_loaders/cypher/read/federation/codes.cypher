// Every subject that is registered here or has any fact here, page by page.
// $after: the last code of the page before, "" at first
// $limit: codes in a page
MATCH (s:Subject) WHERE s.code > $after
RETURN s.code AS code ORDER BY code LIMIT $limit

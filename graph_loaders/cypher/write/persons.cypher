// Persons by token. The name is the smallest of all names given, so that the order of loading does not matter.
// $rows: token, name ("" when not given) and as it is compared, adult_on; one row for each token
// $key_id: under which key of the hub the tokens are
UNWIND $rows AS row
MERGE (p:Person {token: row.token})
ON CREATE SET p.name = row.name, p.compared = row.compared, p.adult_on = row.adult_on, p.key_id = $key_id
FOREACH (_ IN CASE WHEN row.name <> '' AND (p.name = '' OR row.name < p.name) THEN [1] ELSE [] END |
  SET p.name = row.name, p.compared = row.compared)

// The parties of a contract, in whatever version it was ever held.
// $id: id of the contract
MATCH (c:Contract {id: $id})<-[:PARTY_TO]-(s:Subject) RETURN DISTINCT s.code AS code ORDER BY code

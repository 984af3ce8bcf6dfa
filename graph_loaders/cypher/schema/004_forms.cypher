// Canonical forms of numbers, names as they are compared, and what a source's own status says (few records have one).
CREATE INDEX record_form IF NOT EXISTS FOR (n:Record) ON (n.form);
CREATE INDEX contract_form IF NOT EXISTS FOR (n:Contract) ON (n.form);
CREATE INDEX commitment_form IF NOT EXISTS FOR (n:Commitment) ON (n.form);
CREATE INDEX complaint_form IF NOT EXISTS FOR (n:Complaint) ON (n.form);
CREATE INDEX record_standing IF NOT EXISTS FOR (n:Record) ON (n.standing);
CREATE INDEX person_compared IF NOT EXISTS FOR (n:Person) ON (n.compared)

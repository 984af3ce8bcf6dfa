// Claims of one key are compared with each other whenever one is added.
CREATE INDEX ending_key IF NOT EXISTS FOR (n:Ending) ON (n.key);
CREATE INDEX lift_key IF NOT EXISTS FOR (n:Lift) ON (n.key);
CREATE INDEX commitment_key IF NOT EXISTS FOR (n:Commitment) ON (n.key);
CREATE INDEX rating_key IF NOT EXISTS FOR (n:Rating) ON (n.key);
CREATE INDEX complaint_key IF NOT EXISTS FOR (n:Complaint) ON (n.key)

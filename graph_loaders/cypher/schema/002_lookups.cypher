// What reads start from beside the keys: former names, keyset paging by one concatenated key, ids of several versions.
CREATE INDEX subject_state_code IF NOT EXISTS FOR (n:SubjectState) ON (n.code);
CREATE INDEX subject_state_name IF NOT EXISTS FOR (n:SubjectState) ON (n.name);
CREATE INDEX person_name IF NOT EXISTS FOR (n:Person) ON (n.name);
CREATE INDEX record_id IF NOT EXISTS FOR (n:Record) ON (n.id);
CREATE INDEX record_order IF NOT EXISTS FOR (n:Record) ON (n.order_key);
CREATE INDEX record_document IF NOT EXISTS FOR (n:Record) ON (n.document);
CREATE INDEX contract_id IF NOT EXISTS FOR (n:Contract) ON (n.id);
CREATE INDEX contract_number IF NOT EXISTS FOR (n:Contract) ON (n.number);
CREATE INDEX contract_order IF NOT EXISTS FOR (n:Contract) ON (n.order_key);
CREATE INDEX complaint_code IF NOT EXISTS FOR (n:Complaint) ON (n.code);
CREATE INDEX load_run_order IF NOT EXISTS FOR (n:LoadRun) ON (n.order_key)

// What identifies a node, on both engines. Every MERGE of the loader finds its node by one of these.
CREATE CONSTRAINT subject_code IF NOT EXISTS FOR (n:Subject) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT subject_state_vid IF NOT EXISTS FOR (n:SubjectState) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT person_token IF NOT EXISTS FOR (n:Person) REQUIRE n.token IS UNIQUE;
CREATE CONSTRAINT record_vid IF NOT EXISTS FOR (n:Record) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT document_number IF NOT EXISTS FOR (n:Document) REQUIRE n.number IS UNIQUE;
CREATE CONSTRAINT ending_vid IF NOT EXISTS FOR (n:Ending) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT lift_vid IF NOT EXISTS FOR (n:Lift) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT contract_vid IF NOT EXISTS FOR (n:Contract) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT commitment_vid IF NOT EXISTS FOR (n:Commitment) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT rating_vid IF NOT EXISTS FOR (n:Rating) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT complaint_vid IF NOT EXISTS FOR (n:Complaint) REQUIRE n.vid IS UNIQUE;
CREATE CONSTRAINT region_code IF NOT EXISTS FOR (n:Region) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT load_run_id IF NOT EXISTS FOR (n:LoadRun) REQUIRE n.id IS UNIQUE

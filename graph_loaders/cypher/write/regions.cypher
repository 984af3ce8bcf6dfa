// Administrative divisions as a tree.
// $rows: code, name, parent ("" for none), valid_from, valid_to
UNWIND $rows AS row
MERGE (r:Region {code: row.code})
SET r.name = row.name, r.parent = row.parent, r.valid_from = row.valid_from, r.valid_to = row.valid_to

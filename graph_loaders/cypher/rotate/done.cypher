// Persons have other ids now, so answers have another version.
// $now: recorded time, microseconds
MATCH (v:DataVersion {name: 'hub'})
SET v.at = $now

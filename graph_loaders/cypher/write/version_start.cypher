// The instant of the latest change of any fact; made with the first load.
MERGE (v:DataVersion {name: 'hub'})
ON CREATE SET v.at = 0
RETURN v.at AS at

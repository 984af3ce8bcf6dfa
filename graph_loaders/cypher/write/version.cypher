// The instant of the latest change of any fact, microseconds.
MATCH (v:DataVersion {name: 'hub'})
RETURN v.at AS at

// Whether a contract is due before the day asked about, not done by it, and not dissolved.
// <node>: the contract
// $as_of: day asked about
(<node>.due_on < $as_of AND <node>.completed_on > $as_of AND <node>.status_given <> '解除')

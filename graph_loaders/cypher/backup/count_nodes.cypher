// How many nodes there are, of whatever label.
MATCH (n) RETURN count(n) AS found

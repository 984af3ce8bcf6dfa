"""What hubs ask each other, as fixed GraphQL documents. Both sides of an exchange use these texts.

They name every scalar field that ``credit:mutual`` opens, so that what a client selects of a foreign fact can be cut
from the answer, and nothing deeper: relations of a foreign subject stay with its city.
"""

from __future__ import annotations

SUBJECT = "subject { id code name }"
RECORD = f"""__typename id documentNumber kind listType tier {SUBJECT} nameAsGiven authority decidedOn until
 lastDay state endedOn voidedOn objectionPending ground legalBasis amount {{ value unit }} warnings
 provenance {{ run source row sha256 recordedAt }}"""
RATING = "__typename scale grade score ratedOn validTo issuer"
EDGE = "from to kind validFrom validTo region"
EFFECT = f"""ruleId ruleVersion article effect illustrative attributedOn until lastDay
 source {{ {RECORD} }} person {{ id token name }} subject {{ id code name kind region }}
 roles {{ kind illustrative path {{ {EDGE} }} }} path {{ {EDGE} }} reportedOn {{ id code name kind region }}"""

HELD = f"""query Held($codes: [USCC!]!, $asOf: Date) {{
 held(codes: $codes, asOf: $asOf) {{
  region code facts {{ ... on Record {{ {RECORD} }} ... on Rating {{ {RATING} }} }} }}
}}"""

NOT_REACHED = f"ruleId record {{ {RECORD} }} person {{ id token name }} reason"
ROLES = "roles(first: 200) { nodes { kind validFrom validTo subject { id code name kind region } } }"

PEER_PERSONS = f"""query PeerPersons($tokens: [String!]!, $asOf: Date) {{
 peerPersons(tokens: $tokens, asOf: $asOf) {{
  region token person {{ id token name {ROLES} }}
  penetration {{ reached {{ {EFFECT} }} notReached {{ {NOT_REACHED} }} }} }}
}}"""

PEER_PENETRATION = f"""query PeerPenetration($subject: USCC!, $asOf: Date) {{
 peerPenetration(subject: $subject, asOf: $asOf) {{
  region reached {{ token effect {{ {EFFECT} }} }} notReached {{ {NOT_REACHED} }} }}
}}"""

PENETRATION = f"""query Penetration($subject: USCC, $person: ID, $asOf: Date, $knownAt: DateTime) {{
 penetration(subject: $subject, person: $person, asOf: $asOf, knownAt: $knownAt) {{
  reached {{ {EFFECT} }} notReached {{ {NOT_REACHED} }} }}
}}"""

PERSON = (
    f"""query Person($token: ID!, $asOf: Date) {{ person(token: $token, asOf: $asOf) {{ id token name {ROLES} }} }}"""
)

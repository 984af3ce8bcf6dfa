"""A client with public libraries only: token, DPoP-bound question, checked answer. 只用公开库的客户端。

    pip install httpx joserfc http-message-signatures
    python client.py https://hub.example.cn CLIENT_ID key.json credit:public '{ subject(code: "…") { name } }' [PURPOSE]

`key.json` is the private JWK whose public half is registered (`credit-hub client add`). The hub's keys are fetched
over TLS here; keep them (or take them from the signed directory) to check answers later without the hub.
"""

import json
import sys
import time
import uuid
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import httpx
from http_message_signatures import HTTPMessageVerifier, MappingKeyResolver, algorithms
from joserfc import jwt
from joserfc.jwk import ECKey, import_key

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SUITES = {"EdDSA": algorithms.ED25519, "ES256": algorithms.ECDSA_P256_SHA256}
SIGNED = ["@status", "content-digest", "credit-request-digest", "credit-receipt"]
SIGNED, PURPOSE = [*SIGNED, '"@method";req', '"@target-uri";req', '"dpop";req'], ['"credit-purpose";req']


def signed(key, typ, claims, **header):
    alg = {"OKP": "EdDSA", "EC": "ES256", "RSA": "PS256"}[key.key_type]
    claims = {"jti": uuid.uuid4().hex, "iat": int(time.time()), **claims}
    return jwt.encode({"typ": typ, "alg": alg, **header}, claims, key, algorithms=[alg])


def ask(http, base, client_id, key, scope, document, purpose=None):
    dpop, url, token_url = ECKey.generate_key("P-256"), f"{base}/graphql", f"{base}/oauth/token"
    who = {"iss": client_id, "sub": client_id, "aud": base, "exp": int(time.time()) + 60}
    form = {"grant_type": "client_credentials", "scope": scope, "client_assertion_type": ASSERTION_TYPE}
    form["client_assertion"] = signed(key, "JWT", who, kid=key.kid or key.thumbprint())
    proof = signed(dpop, "dpop+jwt", {"htm": "POST", "htu": token_url}, jwk=dpop.as_dict(private=False))
    token = http.post(token_url, data=form, headers={"DPoP": proof}).raise_for_status().json()["access_token"]
    ath = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
    proof = signed(dpop, "dpop+jwt", {"htm": "POST", "htu": url, "ath": ath}, jwk=dpop.as_dict(private=False))
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof, **({"Credit-Purpose": purpose} if purpose else {})}
    answer = http.post(url, json={"query": document}, headers=headers)
    if "signature-input" not in answer.headers:
        sys.exit(f"refused before authentication: {answer.status_code} {answer.text}")
    keys = {key["kid"]: key for key in http.get(f"{base}/.well-known/credit-hub").json()["keys"]}
    jwk = keys[answer.headers["signature-input"].split('keyid="')[1].split('"')[0]]
    resolver = MappingKeyResolver(public_keys={jwk["kid"]: import_key(jwk).public_key}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=SUITES[jwk["alg"]], key_resolver=resolver)
    verifier.verify(answer, require_components=SIGNED + PURPOSE * bool(purpose), body=answer.content)
    if b64encode(sha256(answer.request.content).digest()).decode() not in answer.headers["credit-request-digest"]:
        sys.exit("the answer is for another question")
    return answer.text


if __name__ == "__main__":
    url, client, file, *rest = sys.argv[1:]
    print(ask(httpx.Client(), url.rstrip("/"), client, import_key(json.loads(Path(file).read_text())), *rest))

// A registered client in a browser: private_key_jwt (RFC 7523) for a token, DPoP (RFC 9449) for every request.
// Needs WebCrypto only; nothing leaves for another address than the hub's own.

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const ED = { name: "Ed25519" };

const bytes = (text) => new TextEncoder().encode(text);
const b64u = (data) => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const json = (value) => b64u(bytes(JSON.stringify(value)));
const seconds = () => Math.floor(Date.now() / 1000);

async function sign(key, algorithm, header, claims) {
  const text = `${json(header)}.${json(claims)}`;
  return `${text}.${b64u(await crypto.subtle.sign(algorithm, key, bytes(text)))}`;
}

function proofs(pair, jwk) {
  let nonce;
  const send = async (method, url, token, options) => {
    const claims = { htm: method, htu: url, iat: seconds(), jti: crypto.randomUUID(), ...(nonce && { nonce }) };
    if (token) claims.ath = b64u(await crypto.subtle.digest("SHA-256", bytes(token)));
    const proof = await sign(pair.privateKey, EC, { typ: "dpop+jwt", alg: "ES256", jwk }, claims);
    const headers = { ...options.headers, DPoP: proof, ...(token && { Authorization: `DPoP ${token}` }) };
    const answer = await fetch(url, { ...options, method, headers, credentials: "omit", redirect: "error" });
    const given = answer.headers.get("DPoP-Nonce");
    if (given && given !== nonce) {
      nonce = given;
      if (answer.status === 400 || answer.status === 401) return send(method, url, token, options);
    }
    return answer;
  };
  return send;
}

// Returns a fetcher: ({query, variables, operationName}) → the answer's JSON.
export async function connect({ base, key, clientId, scope, headers }) {
  const [algorithm, alg] = key.kty === "OKP" ? [ED, "EdDSA"] : [EC, "ES256"];
  const { kid, ...material } = key;
  for (const name of ["alg", "use", "key_ops"]) delete material[name];
  const secret = await crypto.subtle.importKey("jwk", material, algorithm, false, ["sign"]);
  const pair = await crypto.subtle.generateKey(EC, false, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const send = proofs(pair, { kty, crv, x, y });
  const found = await fetch(`${base}/.well-known/oauth-authorization-server`);
  const { issuer, token_endpoint: endpoint } = await found.json();
  let token = "";
  let until = 0;

  async function fresh() {
    if (token && seconds() < until - 30) return token;
    const claims = { iss: clientId, sub: clientId, aud: issuer, jti: crypto.randomUUID(), iat: seconds(), exp: seconds() + 60 };
    const assertion = await sign(secret, algorithm, { typ: "JWT", alg, kid }, claims);
    const form = { grant_type: "client_credentials", scope, client_assertion_type: ASSERTION, client_assertion: assertion };
    const answer = await send("POST", endpoint, "", { body: new URLSearchParams(form) });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error_description || body.error || `token refused (${answer.status})`);
    token = body.access_token;
    until = seconds() + body.expires_in;
    return token;
  }

  await fresh();
  return async (question) => {
    const body = JSON.stringify(question);
    const type = { "Content-Type": "application/json", Accept: "application/graphql-response+json" };
    const answer = await send("POST", `${issuer}/graphql`, await fresh(), { body, headers: { ...type, ...headers() } });
    return answer.json();
  };
}

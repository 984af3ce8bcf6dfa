// A registered client in a browser: private_key_jwt (RFC 7523) for a token, a DPoP proof (RFC 9449) for every request.
// Requests go to the hub that served this page and to nobody else; what is signed names the hub's own base URL.

import { base64url, now, proofSigner, sha256, type Signer } from "./jose";

export interface Client {
  signer: Signer;
  clientId: string;
  scope: string;
}
export interface Reason {
  purpose: string;
  caseNumber: string;
}
export interface Answer {
  body: unknown;
  receipt: string | null;
}
export type Ask = (question: object, reason: Reason) => Promise<Answer>;

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const HERE = new URL(".", location.href).href; // the page is at …/graphiql
const unique = (): string => base64url(crypto.getRandomValues(new Uint8Array(16)).buffer);

/** Sends requests with proofs; a nonce that the hub demands is used at once. */
async function prover(issuer: string): Promise<(path: string, init: RequestInit, token?: string) => Promise<Response>> {
  const [signer, jwk] = await proofSigner();
  let nonce: string | undefined;
  async function send(path: string, init: RequestInit, token?: string, again = true): Promise<Response> {
    const ath = token && (await sha256(token));
    const claims = { htm: init.method, htu: `${issuer}/${path}`, iat: now(), jti: unique(), ath, nonce };
    const headers = new Headers(init.headers);
    headers.set("DPoP", await signer.sign({ typ: "dpop+jwt", jwk }, claims));
    if (token) headers.set("Authorization", `DPoP ${token}`);
    const answer = await fetch(new URL(path, HERE), { ...init, headers, credentials: "omit", redirect: "error" });
    const demanded = answer.headers.get("DPoP-Nonce");
    const renewed = demanded !== null && demanded !== nonce;
    if (renewed) nonce = demanded;
    const refused = answer.status === 400 || answer.status === 401;
    return renewed && again && refused ? send(path, init, token, false) : answer;
  }
  return send;
}

async function problem(answer: Response): Promise<Error> {
  const told = (await answer.json().catch(() => ({}))) as Record<string, string>;
  const text = told.error_description ?? told.detail ?? told.error ?? `the hub answered ${answer.status}`;
  return new Error(text);
}

/** Gets a first token, so that a wrong key, client or scope is told at once; then asks as often as wanted. */
export async function connect({ signer, clientId, scope }: Client): Promise<Ask> {
  const found = await fetch(new URL(".well-known/oauth-authorization-server", HERE), { credentials: "omit" });
  if (!found.ok) throw await problem(found);
  const { issuer } = (await found.json()) as { issuer: string };
  const send = await prover(issuer);
  let token = "";
  let until = 0;

  async function fresh(): Promise<string> {
    if (token && now() < until - 30) return token;
    const times = { iat: now(), exp: now() + 60 };
    const claims = { iss: clientId, sub: clientId, aud: issuer, jti: unique(), ...times };
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      scope,
      client_assertion_type: ASSERTION,
      client_assertion: await signer.sign({ typ: "JWT" }, claims),
    });
    const answer = await send("oauth/token", { method: "POST", body });
    if (!answer.ok) throw await problem(answer);
    const given = (await answer.json()) as { access_token: string; expires_in: number };
    token = given.access_token;
    until = now() + given.expires_in;
    return token;
  }

  await fresh();
  return async (question, { purpose, caseNumber }) => {
    const headers = new Headers({
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json",
    });
    if (purpose) headers.set("Credit-Purpose", purpose);
    if (caseNumber) headers.set("Credit-Case", encodeURIComponent(caseNumber));
    const init = { method: "POST", body: JSON.stringify(question), headers };
    const answer = await send("graphql", init, await fresh());
    if (answer.status === 401) token = ""; // revoked or expired: the next question gets a new one
    return { body: await answer.json(), receipt: answer.headers.get("Credit-Receipt") };
  };
}

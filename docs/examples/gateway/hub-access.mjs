// A gateway as a client of a hub: token by private_key_jwt, DPoP proofs for the hub's address, the end client named.
// 网关作为枢纽的登记客户端：取令牌、为枢纽地址做 DPoP 证明、签名说明最终客户。
// Public packages only: npm install jose

import { createHash, randomUUID } from "node:crypto";
import { SignJWT, exportJWK, generateKeyPair, importJWK } from "jose";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ALGORITHMS = { OKP: "EdDSA", EC: "ES256", RSA: "PS256" };
const SPARE = 30; // seconds before its end a token is renewed

export class HubAccess {
  #hub;
  #clientId;
  #jwk;
  #key;
  #scope;
  #proofs = generateKeyPair("ES256");
  #token;
  #nonce;

  /** `hub` is its base URL, `jwk` the private key whose public half is registered (`credit-hub client add`). */
  constructor({ hub, clientId, jwk, scope }) {
    this.#hub = hub.replace(/\/$/, "");
    this.#clientId = clientId;
    this.#jwk = jwk;
    this.#key = importJWK(jwk, ALGORITHMS[jwk.kty]);
    this.#scope = scope;
  }

  get url() {
    return `${this.#hub}/graphql`;
  }

  /**
   * The headers of one question; proof and statement work once. `endClient` is who asks the gateway, by the name under
   * which the gateway knows them; without one the gateway asks for itself. Purpose and case are the end client's.
   */
  async headers({ endClient, purpose, caseNumber }) {
    const token = await this.#current();
    return {
      authorization: `DPoP ${token}`,
      dpop: await this.#proof(this.url, token),
      "credit-purpose": purpose,
      ...(caseNumber && { "credit-case": encodeURIComponent(caseNumber) }),
      ...(endClient && { "credit-on-behalf-of": await this.#onBehalfOf(endClient, purpose, caseNumber) }),
    };
  }

  /** Sends once. A redirect is an error, since a token belongs to one address. */
  async send(url, init) {
    const response = await fetch(url, { ...init, redirect: "error" });
    this.#nonce = response.headers.get("dpop-nonce") ?? this.#nonce;
    if (response.status === 401) this.#token = undefined;
    return response;
  }

  /** Asks with fresh headers, and once more when the token was revoked or the hub wants another nonce. */
  async ask(who, init) {
    const once = async () => {
      const headers = { ...init.headers, ...(await this.headers(who)) };
      return this.send(this.url, { ...init, headers });
    };
    const response = await once();
    return response.status === 401 ? once() : response;
  }

  #current() {
    if (!this.#token || this.#token.ends < Date.now()) {
      const held = { value: this.#request(), ends: Infinity };
      const forget = () => this.#token === held && (this.#token = undefined);
      held.value.then(({ expires_in }) => (held.ends = Date.now() + (expires_in - SPARE) * 1000), forget);
      this.#token = held;
    }
    return this.#token.value.then(({ access_token }) => access_token);
  }

  async #request(again = true) {
    const url = `${this.#hub}/oauth/token`;
    const claims = { iss: this.#clientId, sub: this.#clientId, aud: this.#hub };
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      scope: this.#scope,
      client_assertion_type: ASSERTION,
      client_assertion: await this.#signed("JWT", claims),
    });
    const response = await this.send(url, { method: "POST", body, headers: { dpop: await this.#proof(url) } });
    const answer = await response.json();
    if (answer.error === "use_dpop_nonce" && again) return this.#request(false);
    const { error = response.status, error_description: why = "" } = answer;
    if (!response.ok) throw new Error(`the hub gives no token: ${error} ${why}`);
    return answer;
  }

  async #proof(url, token) {
    const { privateKey, publicKey } = await this.#proofs;
    const claims = { htm: "POST", htu: url, jti: randomUUID(), ...(this.#nonce && { nonce: this.#nonce }) };
    if (token) claims.ath = createHash("sha256").update(token).digest("base64url");
    const header = { alg: "ES256", typ: "dpop+jwt", jwk: await exportJWK(publicKey) };
    return new SignJWT(claims).setProtectedHeader(header).setIssuedAt().sign(privateKey);
  }

  #onBehalfOf(endClient, purpose, caseNumber) {
    const claims = { iss: this.#clientId, sub: endClient, aud: this.#hub, purpose, case: caseNumber ?? null };
    return this.#signed("credit-obo+jwt", claims);
  }

  async #signed(typ, claims) {
    const header = { alg: ALGORITHMS[this.#jwk.kty], typ, kid: this.#jwk.kid };
    const jwt = new SignJWT({ ...claims, jti: randomUUID() }).setProtectedHeader(header);
    return jwt.setIssuedAt().setExpirationTime("55s").sign(await this.#key);
  }
}

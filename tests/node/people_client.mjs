// A page of the hub as oauth4webapi writes one: PAR, PKCE, iss and DPoP. Prints where the browser goes, reads where it
// came back to, prints what came of the code the first and the second time.
import * as oauth from "oauth4webapi";
import readline from "node:readline";

const base = process.argv[2];
const insecure = { [oauth.allowInsecureRequests]: true };
const client = { client_id: "hub-pages" };
const redirect = `${base}/signed-in`;
const found = await oauth.discoveryRequest(new URL(base), { algorithm: "oauth2", ...insecure });
const server = await oauth.processDiscoveryResponse(new URL(base), found);
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();

/** Once more with the server's nonce, where it asks for one. */
async function twice(ask) {
  try {
    return await ask();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return await ask();
  }
}

const asked = {
  response_type: "code",
  redirect_uri: redirect,
  scope: "credit:gate",
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
};
const options = { DPoP, ...insecure };
const pushed = await twice(async () =>
  oauth.processPushedAuthorizationResponse(
    server,
    client,
    await oauth.pushedAuthorizationRequest(server, client, oauth.None(), asked, options),
  ),
);
const address = new URL(server.authorization_endpoint);
address.search = new URLSearchParams({ ...client, request_uri: pushed.request_uri }).toString();
console.log(address.href);

for await (const line of readline.createInterface({ input: process.stdin })) {
  const back = oauth.validateAuthResponse(server, client, new URL(line), state);
  const redeem = async () =>
    oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), back, redirect, verifier, options),
    );
  const token = await twice(redeem);
  const again = await twice(redeem).catch((error) => error.error);
  console.log(JSON.stringify({ scope: token.scope, type: token.token_type, again }));
  process.exit(0);
}

// The hub as a data source of @apollo/gateway 2.x.
//
//   const access = new HubAccess({ hub: "https://hub.example.cn", clientId, jwk, scope: "credit:mutual" });
//   new ApolloGateway({
//     supergraphSdl,
//     buildService: ({ name, url }) =>
//       name === "hub" ? new HubDataSource({ access, who }) : new RemoteGraphQLDataSource({ url }),
//   });
//
// `who(context)` tells of the gateway's own, authenticated client: { endClient, purpose, caseNumber }.
// `heard(context, { receipt, withheld })`, if given, is called after each answer: the id of the hub's log entry, and
// what policy left null, which a gateway does not pass on by itself.

import { RemoteGraphQLDataSource } from "@apollo/gateway";

export class HubDataSource extends RemoteGraphQLDataSource {
  constructor({ access, who, heard, own = { purpose: "mutual-recognition" } }) {
    super({ url: access.url, fetcher: (url, init) => access.send(url, init), access, who, heard, own });
  }

  async willSendRequest({ request, context, kind }) {
    const asked = kind === "incoming operation";
    const who = asked ? this.who(context) : this.own;
    if (asked && !who?.endClient) throw new Error("the hub is asked for somebody: who() named nobody");
    for (const [name, value] of Object.entries(await this.access.headers(who))) request.http.headers.set(name, value);
  }

  didReceiveResponse({ response, context }) {
    const receipt = response.http?.headers.get("credit-receipt");
    this.heard?.(context, { receipt, withheld: response.extensions?.withheld ?? [] });
    return response;
  }

  async process(options) {
    try {
      return await super.process(options);
    } catch (error) {
      if (error.extensions?.response?.status !== 401) throw error;
      return super.process(options); // the token was revoked, or the hub wants another nonce
    }
  }
}

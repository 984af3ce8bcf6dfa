// The hub behind Hive gateway 2.x.
//
//   // gateway.config.mjs
//   const access = new HubAccess({ hub: "https://hub.example.cn", clientId, jwk, scope: "credit:mutual" });
//   export const gatewayConfig = defineConfig({
//     supergraph: "supergraph.graphql",
//     transportEntries: { hub: apart },
//     plugins: () => [useHub({ access, who })],
//   });
//
// `who(context)` tells of the gateway's own, authenticated client: { endClient, purpose, caseNumber }.
// `heard(context, { receipt, withheld })`, if given, is called after each answer: the id of the hub's log entry, and
// what policy left null, which a gateway does not pass on by itself.

/** Equal questions of two clients stay two: by default the gateway would send only one of them, under one name. */
export const apart = { options: { deduplicateInflightRequests: false } };

/** A plugin that asks the hub with the gateway's own credentials. */
export function useHub({ access, who, heard }) {
  return {
    onFetch({ url, context, executionRequest, setFetchFn }) {
      if (url !== access.url) return;
      setFetchFn(async (_url, init) => {
        const asking = executionRequest?.context ?? context;
        const asker = who(asking);
        if (!asker?.endClient) throw new Error("the hub is asked for somebody: who() named nobody");
        const response = await access.ask(asker, init);
        if (heard && response.headers.has("credit-receipt")) {
          const { extensions } = await response.clone().json();
          heard(asking, { receipt: response.headers.get("credit-receipt"), withheld: extensions?.withheld ?? [] });
        }
        return response;
      });
    },
  };
}

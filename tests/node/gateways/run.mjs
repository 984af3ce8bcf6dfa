// Starts one gateway with the hub and the stub behind it and does what the file of tasks says; one JSON line each.
import { readFileSync } from "node:fs";
import { HubAccess } from "./hub-access.mjs";
import { compose } from "./compose.mjs";
import { serveLoans } from "./loans.mjs";

const [kind, file] = process.argv.slice(2);
const { hub, clientId, jwk, scope, sdl, tasks } = JSON.parse(readFileSync(file, "utf8"));
const access = new HubAccess({ hub, clientId, jwk, scope });
const heard = (context, told) => (context.heard.told = told);
const who = ({ client }) => client && { endClient: client, purpose: "mutual-recognition" };

const gateways = {
  async apollo(supergraphSdl) {
    const { ApolloGateway, RemoteGraphQLDataSource } = await import("@apollo/gateway");
    const { ApolloServer } = await import("@apollo/server");
    const { HubDataSource } = await import("./apollo.mjs");
    const gateway = new ApolloGateway({
      supergraphSdl,
      buildService: ({ name, url }) =>
        name === "hub" ? new HubDataSource({ access, who, heard }) : new RemoteGraphQLDataSource({ url }),
    });
    const server = new ApolloServer({ gateway });
    await server.start();
    return {
      async ask({ query, variables, client }) {
        const contextValue = { client, heard: {} };
        const { body } = await server.executeOperation({ query, variables }, { contextValue });
        return { ...body.singleResult, told: contextValue.heard.told };
      },
      close: () => server.stop(),
    };
  },

  async hive(supergraph) {
    const { createGatewayRuntime } = await import("@graphql-hive/gateway");
    const { apart, useHub } = await import("./hive.mjs");
    const runtime = createGatewayRuntime({
      supergraph,
      logging: false,
      maskedErrors: false,
      transportEntries: { hub: apart },
      plugins: () => [useHub({ access, who, heard })],
    });
    return {
      async ask({ query, variables, client }) {
        const init = { method: "POST", headers: { "content-type": "application/json" } };
        const body = JSON.stringify({ query, variables });
        const context = { client, heard: {} };
        const response = await runtime.fetch("http://gateway.invalid/graphql", { ...init, body }, context);
        return { ...(await response.json()), told: context.heard.told };
      },
      close: () => runtime.dispose(),
    };
  },
};

const loans = await serveLoans();
const composed = compose(sdl, access.url, loans.url)[kind];
if (composed.errors.length) throw new Error(composed.errors.join("\n"));
const gateway = await gateways[kind](composed.supergraph);
for (const together of tasks) console.log(JSON.stringify(await Promise.all(together.map((task) => gateway.ask(task)))));
await gateway.close();
await loans.close();

// A second subgraph, a bank's: it knows loans and the code of who took them, and nothing else of a subject.
import { createServer } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse } from "graphql";

export const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])

  scalar USCC

  type Query {
    loans(codes: [USCC]!): [Loan!]!
  }

  type Loan {
    id: ID!
    subject: Subject
  }

  type Subject @key(fields: "code", resolvable: false) {
    code: USCC
  }

  type PageInfo @shareable {
    hasNextPage: Boolean!
  }
`;

const rootValue = {
  loans: ({ codes }) => codes.map((code, place) => ({ id: `loan-${place}`, subject: { __typename: "Subject", code } })),
};

/** The subgraph over HTTP on a free loopback port: `{ url, close }`. */
export async function serveLoans() {
  const schema = buildSubgraphSchema({ typeDefs: parse(typeDefs) });
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
    const result = await graphql({ schema, source: query, variableValues: variables, rootValue });
    response.setHeader("content-type", "application/json").end(JSON.stringify(result));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/graphql`,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  };
}

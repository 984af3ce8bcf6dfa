// Composes the SDL at the address given with the stub's by both composers; prints their errors as JSON.
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { composeServices as composeHive } from "@theguild/federation-composition";
import { parse } from "graphql";
import { typeDefs } from "./loans.mjs";

export function compose(sdl, hubUrl, loansUrl) {
  const parts = [
    { name: "hub", url: hubUrl, typeDefs: parse(sdl) },
    { name: "loans", url: loansUrl, typeDefs: parse(typeDefs) },
  ];
  const apollo = composeServices(parts);
  const hive = composeHive(parts);
  return {
    apollo: { errors: (apollo.errors ?? []).map(String), supergraph: apollo.supergraphSdl },
    hive: { errors: (hive.errors ?? []).map(String), supergraph: hive.supergraphSdl },
  };
}

if (process.argv[1].endsWith("compose.mjs")) {
  const found = compose(readFileSync(process.argv[2], "utf8"), "http://hub.invalid/", "http://loans.invalid/");
  console.log(JSON.stringify(found));
}

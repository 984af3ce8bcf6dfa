// The page's own client: a key that no script can export, kept by the browser so that a reload need not ask again.

import type { Signer } from "./jose";
import { proofSigner, signerOf } from "./jose";

export interface Offer {
  scope: string;
  purpose: string;
}
export interface Kept {
  clientId: string;
  key: CryptoKey;
  kid: string;
  scopes: Offer[];
}

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("credit-hub-graphiql", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("client");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("IndexedDB"));
  });
}

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const held = await database();
  return new Promise((resolve, reject) => {
    const asked = work(held.transaction("client", mode).objectStore("client"));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("IndexedDB"));
  });
}

export const forget = async (): Promise<void> => void (await run("readwrite", (store) => store.delete("own")));
export const kept = async (): Promise<Kept | undefined> =>
  (await run("readonly", (store) => store.get("own"))) as Kept | undefined;
export const signerOfKept = (own: Kept): Signer => signerOf(own.key, own.kid);

/** Turns the code of a one-time link into a registered client. */
export async function fromLink(code: string): Promise<Kept> {
  const [, jwk, pair] = await proofSigner();
  const kid = `graphiql-${crypto.randomUUID()}`;
  const answer = await fetch(new URL("graphiql/client", new URL(".", location.href)), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code, jwk: { ...jwk, kid, alg: "ES256", use: "sig" } }),
    credentials: "omit",
  });
  const told = (await answer.json()) as { client_id: string; scopes: Offer[]; detail?: string; title?: string };
  if (!answer.ok) throw new Error(told.detail ?? told.title ?? `the hub answered ${answer.status}`);
  const own = { clientId: told.client_id, key: pair.privateKey, kid, scopes: told.scopes };
  await run("readwrite", (store) => store.put(own, "own"));
  return own;
}

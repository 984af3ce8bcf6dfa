// The page: a client (ready by a one-time link, or given), GraphiQL for its questions, and the receipt of each answer.

import { GraphiQL } from "graphiql";
import { type ChangeEvent, type FormEvent, type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/graphiql.css";
import { type Ask, connect } from "./access";
import { clientSigner, type Signer } from "./jose";
import { memory } from "./memory";
import { forget, fromLink, type Kept, kept, type Offer, signerOfKept } from "./store";
import "./page.css";

const PURPOSES = ["mutual-recognition", "gate-check", "loan", "investigation", "self-service", "operations"];
const GIVEN: Offer[] = [
  { scope: "credit:mutual", purpose: "mutual-recognition" },
  { scope: "credit:gate", purpose: "gate-check" },
  { scope: "credit:investigate", purpose: "investigation" },
  { scope: "credit:operate", purpose: "operations" },
  { scope: "credit:self", purpose: "self-service" },
  { scope: "credit:loan", purpose: "loan" },
];
const CASE = "DEMO-1";
const FIRST = `# A first question; Ctrl-Enter asks it. 第一个查询，按 Ctrl-Enter 执行。
{
  records(filter: { kinds: [PENALTY] }, first: 5) {
    nodes { documentNumber decidedOn until state subject { code name } }
  }
}
`;

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The purpose that goes with the first scope that has one. */
function purposeOf(scope: string, offers: Offer[]): string {
  const words = scope.split(/\s+/);
  return [...offers, ...GIVEN].find((offer) => words.includes(offer.scope) && offer.purpose)?.purpose ?? "";
}

function Page(): ReactElement {
  const [key, setKey] = useState("");
  const [own, setOwn] = useState<Kept>();
  const [scope, setScope] = useState("credit:mutual");
  const [purpose, setPurpose] = useState("mutual-recognition");
  const [caseNumber, setCase] = useState(CASE);
  const [ask, setAsk] = useState<Ask>();
  const [state, setState] = useState("The key stays in this page's memory. 私钥只保存在本页内存中。");
  const [receipts, setReceipts] = useState<string[]>([]);
  const signer = useRef<Signer>(undefined); // kept for another scope; the key's text is not
  const reason = useRef({ purpose, caseNumber });
  reason.current = { purpose, caseNumber };

  async function open(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    setKey((await event.target.files?.[0]?.text()) ?? "");
  }

  async function start(made: Signer, clientId: string, wanted: string): Promise<void> {
    setState("connecting 正在连接 …");
    const asking = await connect({ signer: made, clientId, scope: wanted });
    setAsk(() => asking);
    setState(`connected 已连接: ${clientId}, ${wanted}`);
  }

  async function startOwn(client: Kept, wanted: string): Promise<void> {
    try {
      await start(signerOfKept(client), client.clientId, wanted);
      setOwn(client);
    } catch (error) {
      setAsk(undefined);
      setOwn(undefined);
      await forget();
      setState(told(error));
    }
  }

  useEffect(() => {
    const code = new URLSearchParams(location.hash.slice(1)).get("link");
    history.replaceState(null, "", location.pathname); // the code works once and is not kept in the history
    const ready = code ? fromLink(code) : kept();
    ready.then(
      (client) => client && startOwn(client, scope),
      (error: unknown) => setState(told(error)),
    );
  }, []);

  function choose(wanted: string): void {
    setScope(wanted);
    setPurpose(purposeOf(wanted, own?.scopes ?? []));
  }

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const client = String(new FormData(event.currentTarget).get("client") ?? "").trim();
    if (own && !client) return startOwn(own, scope);
    try {
      if (key || !signer.current) signer.current = await clientSigner(key);
      setKey("");
      await start(signer.current, client, scope);
    } catch (error) {
      setAsk(undefined);
      setState(told(error));
    }
  }

  const fetcher = useMemo(
    () => async (question: object) => {
      if (!ask) throw new Error("connect first 请先连接");
      const { body, receipt } = await ask(question, reason.current);
      if (receipt) setReceipts((before) => [receipt, ...before].slice(0, 20));
      return body as never;
    },
    [ask],
  );

  return (
    <>
      <form id="access" onSubmit={(event) => void submit(event)} autoComplete="off">
        <h1>信用互认枢纽 · GraphiQL</h1>
        <label>
          Scope 权限
          <input name="scope" required list="scopes" value={scope} onChange={(event) => choose(event.target.value)} />
          <datalist id="scopes">
            {(own?.scopes ?? GIVEN).map((offer) => (
              <option key={offer.scope} value={offer.scope} />
            ))}
          </datalist>
        </label>
        <label>
          Purpose 用途
          <select name="purpose" value={purpose} onChange={(event) => setPurpose(event.target.value)}>
            {["", ...PURPOSES].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          Case 案号
          <input name="case" value={caseNumber} onChange={(event) => setCase(event.target.value)} />
        </label>
        <details open={!own}>
          <summary>{own ? "Another client 其他客户端" : "Client 客户端"}</summary>
          <label className="key">
            Private key 私钥 (JWK)
            <textarea rows={1} spellCheck={false} value={key} onChange={(event) => setKey(event.target.value)} />
          </label>
          <label>
            or open it 或打开文件
            <input type="file" accept=".jwk,.json" onChange={(event) => void open(event)} />
          </label>
          <label>
            Client id 客户端编号
            <input name="client" required={!own} />
          </label>
        </details>
        <button type="submit">Connect 连接</button>
        <output>{state}</output>
        {receipts.length > 0 && (
          <label>
            Receipts, newest first 回执号
            <select id="receipts">
              {receipts.map((receipt) => (
                <option key={receipt}>{receipt}</option>
              ))}
            </select>
          </label>
        )}
      </form>
      <main>
        {ask && <GraphiQL fetcher={fetcher} storage={memory()} defaultQuery={FIRST} isHeadersEditorEnabled={false} />}
      </main>
    </>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Page />);

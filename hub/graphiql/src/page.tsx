// The page: a form for the client, GraphiQL for its questions, and the receipt of each answer.

import { GraphiQL } from "graphiql";
import { type ChangeEvent, type FormEvent, type ReactElement, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/graphiql.css";
import { type Ask, connect } from "./access";
import { clientSigner, type Signer } from "./jose";
import { memory } from "./memory";
import "./page.css";

const PURPOSES = ["mutual-recognition", "gate-check", "loan", "investigation", "self-service", "operations"];
const FIRST = `# A first question; Ctrl-Enter asks it. 第一个查询，按 Ctrl-Enter 执行。
{
  records(filter: { kinds: [PENALTY] }, first: 5) {
    nodes { documentNumber decidedOn until state subject { code name } }
  }
}
`;

function Page(): ReactElement {
  const [key, setKey] = useState("");
  const [ask, setAsk] = useState<Ask>();
  const [state, setState] = useState("The key stays in this page's memory. 私钥只保存在本页内存中。");
  const [receipts, setReceipts] = useState<string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  const signer = useRef<Signer>(undefined); // kept for another scope; the key's text is not

  async function open(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    setKey((await event.target.files?.[0]?.text()) ?? "");
  }

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string): string => String(given.get(name) ?? "").trim();
    setState("connecting 正在连接 …");
    try {
      if (key || !signer.current) signer.current = await clientSigner(key);
      setKey("");
      const made = await connect({ signer: signer.current, clientId: text("client"), scope: text("scope") });
      setAsk(() => made);
      setState(`connected 已连接: ${text("client")}, ${text("scope")}`);
    } catch (error) {
      setAsk(undefined);
      setState(error instanceof Error ? error.message : String(error));
    }
  }

  const fetcher = useMemo(
    () => async (question: object) => {
      if (!ask) throw new Error("connect first 请先连接");
      const given = new FormData(form.current ?? undefined);
      const reason = { purpose: String(given.get("purpose")), caseNumber: String(given.get("case")).trim() };
      const { body, receipt } = await ask(question, reason);
      if (receipt) setReceipts((before) => [receipt, ...before].slice(0, 20));
      return body as never;
    },
    [ask],
  );

  return (
    <>
      <form id="access" ref={form} onSubmit={(event) => void submit(event)} autoComplete="off">
        <label className="key">
          Private key 私钥 (JWK)
          <textarea rows={1} spellCheck={false} value={key} onChange={(event) => setKey(event.target.value)} />
        </label>
        <label>
          or open it 或打开文件
          <input type="file" accept=".jwk,.json" onChange={(event) => void open(event)} />
        </label>
        <label>
          Client 客户端
          <input name="client" required />
        </label>
        <label>
          Scope 权限
          <input name="scope" required defaultValue="credit:mutual" />
        </label>
        <label>
          Purpose 目的
          <select name="purpose">
            {["", ...PURPOSES].map((purpose) => (
              <option key={purpose}>{purpose}</option>
            ))}
          </select>
        </label>
        <label>
          Case 案号
          <input name="case" />
        </label>
        <button type="submit">Connect 连接</button>
        <output>{state}</output>
        {receipts.length > 0 && (
          <label>
            Receipts, newest first 凭证号
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

"use strict";
// The only script of these pages: it hands the hub's question to the browser's passkeys and the answer back.
(() => {
  const button = document.querySelector("button[data-options]");
  const state = document.querySelector("#state");
  if (!button) return;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const asked = JSON.parse(button.dataset.options);
  asked.challenge = bytes(asked.challenge);
  for (const list of [asked.excludeCredentials, asked.allowCredentials])
    for (const one of list ?? []) one.id = bytes(one.id);
  const enrols = "user" in asked;
  if (enrols) asked.user.id = bytes(asked.user.id);

  async function run() {
    const found = await (enrols
      ? navigator.credentials.create({ publicKey: asked })
      : navigator.credentials.get({ publicKey: asked }));
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (found.response[name]) response[name] = text(found.response[name]);
    const credential = { id: found.id, rawId: text(found.rawId), type: found.type, response };
    const answer = await fetch(button.dataset.to, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ceremony: button.dataset.ceremony, credential }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail ?? answer.status);
    location.assign(said.to);
  }

  button.disabled = false; // until here a click would be lost
  button.addEventListener("click", async () => {
    button.disabled = true;
    state.textContent = "";
    try {
      await run();
    } catch (error) {
      state.textContent = `未能完成 not done: ${error.message}`;
      button.disabled = false;
    }
  });
})();

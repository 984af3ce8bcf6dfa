// Joins the form, the access of this page, and GraphiQL.
import { connect } from "./access.js";

const field = (id) => document.getElementById(id);

field("access").addEventListener("submit", async (event) => {
  event.preventDefault();
  const state = field("state");
  try {
    const ask = await connect({
      base: new URL(".", location.href).href.replace(/\/$/, ""),
      key: JSON.parse(await field("key").files[0].text()),
      clientId: field("client").value.trim(),
      scope: field("scope").value.trim(),
      headers: () => ({
        ...(field("purpose").value && { "Credit-Purpose": field("purpose").value }),
        ...(field("case").value && { "Credit-Case": encodeURIComponent(field("case").value) }),
      }),
    });
    state.textContent = "connected 已连接";
    const element = window.React.createElement(window.GraphiQL, { fetcher: ask, shouldPersistHeaders: false });
    window.ReactDOM.unmountComponentAtNode(field("editor"));
    window.ReactDOM.render(element, field("editor"));
  } catch (error) {
    state.textContent = `${error.message}`;
  }
});

// The OpenAPI page of the server, from its own files.
SwaggerUIBundle({
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: false, // its links lie inside of buttons
  validatorUrl: null,
  tryItOutEnabled: true,
});

/** What Swagger UI leaves unnamed, or out of reach of keys. */
function complete() {
  const all = (selector) => document.querySelectorAll(`.swagger-ui ${selector}`);
  for (const field of all(".parameters :is(input, select, textarea):not([aria-label])")) {
    field.setAttribute("aria-label", field.closest("[data-param-name]")?.dataset.paramName ?? "Request body");
  }
  for (const field of all(".body-param__text:not([aria-label])")) field.setAttribute("aria-label", "Request body");
  for (const table of all("table[role=region]:not([aria-label])")) {
    const method = table.closest(".opblock")?.querySelector(".opblock-summary-method")?.textContent;
    const path = table.closest(".opblock")?.querySelector("[data-path]")?.dataset.path;
    table.setAttribute("aria-label", `Responses of ${method} ${path}`);
  }
  for (const code of all("pre.microlight:not([tabindex])")) code.tabIndex = 0;
  for (const heading of all(":is(h3, h4, h5):not([aria-level])")) heading.setAttribute("aria-level", heading.localName[1] - 1);
  for (const head of all(".information-container:not([role])")) head.setAttribute("role", "banner");
}

new MutationObserver(complete).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });

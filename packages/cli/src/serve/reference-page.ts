import { escapeHtml } from "../html/escape.ts";
import { page } from "../html/page.ts";
import type { Operation, openApi } from "./openapi.ts";

/** The server's reference page: its OpenAPI document for people. */

const style = `
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { margin: .5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
h2 { font-size: 1.1rem; } h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); }
td:first-child { width: 4.5rem; white-space: nowrap; }
.verb { color: #3b82f6; }
`;

/** Text before curl, and options of curl, by type of the body. A pipe is used because arguments have a limit. */
const bodies: Readonly<Record<string, readonly [before: string, options: string]>> = {
  "multipart/form-data": ["", "-F image=@photo.jpg"],
  "image/*": ["", "-H 'content-type: image/jpeg' --data-binary @photo.jpg"],
  "application/json": [
    `printf '{"base64": "%s"}' "$(base64 photo.jpg | tr -d '\\n')" | `,
    "-H 'content-type: application/json' -d @-",
  ],
};

/** The server's OpenAPI document as a page for people. */
export function referencePage(document: ReturnType<typeof openApi>): string {
  const isClosed = document.security.length > 0;
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => routeHtml(path, method, operation, isClosed)),
  );
  return page({
    title: document.info.title,
    summary: document.info.description,
    style,
    body: `<p class="faint">For programs: <a href="openapi.json">openapi.json</a>; to try it: <a href="./">a picture</a></p>
${isClosed ? "<p>Requests with pictures carry a token: <code>authorization: Bearer TOKEN</code></p>\n" : ""}${routes.join("\n")}`,
  });
}

function routeHtml(path: string, method: string, operation: Operation, isClosed: boolean): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const types = Object.keys(requestBody?.content ?? {});
  const token = isClosed && requestBody ? " -H 'authorization: Bearer TOKEN'" : "";
  const samples = types.map((type) => {
    const [before, options] = bodies[type];
    return `${before}curl${token} ${options} http://HOST:PORT${path}`;
  });
  const options = parameters.map(({ name, description: what, schema }) => {
    return [name, `${what}: ${schema.minimum} to ${schema.maximum}, ${schema.default} by default`];
  });
  return [
    `<h2><span class="verb">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h2>`,
    `<p>${escapeHtml(summary)}.${description ? ` ${withCode(description)}` : ""}</p>`,
    samples.length > 0
      ? `<h3>Example requests</h3>\n${samples.map((one) => `<pre>${escapeHtml(one)}</pre>`).join("\n")}`
      : "",
    options.length > 0 ? `<h3>Query parameters</h3>\n${rowsHtml(options)}` : "",
    `<h3>Responses</h3>\n${rowsHtml(Object.entries(responses).map(([status, one]) => [status, one.description]))}`,
  ].join("\n");
}

function rowsHtml(rows: readonly (readonly string[])[]): string {
  const cells = rows.map(([first, second]) => {
    return `<tr><td><code>${escapeHtml(first)}</code></td><td>${escapeHtml(second)}</td></tr>`;
  });
  return `<table>\n${cells.join("\n")}\n</table>`;
}

/** Turns Markdown's code marks into HTML. */
function withCode(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

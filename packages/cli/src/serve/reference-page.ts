import { escapeHtml } from "../html/escape.ts";
import { page } from "../html/page.ts";
import type { Operation, openApi } from "./openapi.ts";

const style = `
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
h2 { font-size: 1.1rem; } h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); }
td:first-child { white-space: nowrap; }
.verb { color: #3b82f6; }
`;

/** How a body of each type is sent, by curl. */
const bodies: Readonly<Record<string, string>> = {
  "multipart/form-data": "-F image=@photo.jpg",
  "image/*": "-H 'content-type: image/jpeg' --data-binary @photo.jpg",
  "application/json": `-H 'content-type: application/json' -d '{"base64": "'"$(base64 -w0 photo.jpg)"'"}'`,
};

/** What the server's OpenAPI document says, for people. */
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
  const samples = types.map((type) => `curl${token} ${bodies[type]} http://HOST:PORT${path}`);
  const options = parameters.map(({ name, description: what, schema }) => {
    return [name, `${what}: ${schema.minimum} to ${schema.maximum}, ${schema.default} by default`];
  });
  return [
    `<h2><span class="verb">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h2>`,
    `<p>${escapeHtml(summary)}.${description ? ` ${escapeHtml(description)}` : ""}</p>`,
    samples.length > 0 ? `<h3>Asked by</h3>\n<pre>${escapeHtml(samples.join("\n"))}</pre>` : "",
    options.length > 0 ? `<h3>In the address</h3>\n${rowsHtml(options)}` : "",
    `<h3>Answers</h3>\n${rowsHtml(Object.entries(responses).map(([status, one]) => [status, one.description]))}`,
  ].join("\n");
}

function rowsHtml(rows: readonly (readonly string[])[]): string {
  const cells = rows.map(([first, second]) => {
    return `<tr><td><code>${escapeHtml(first)}</code></td><td>${escapeHtml(second)}</td></tr>`;
  });
  return `<table>\n${cells.join("\n")}\n</table>`;
}

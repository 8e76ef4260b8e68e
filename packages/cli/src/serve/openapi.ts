import { version } from "../version.ts";
import { errorSchema, requestBody, statuses } from "./schema.ts";

const number = { type: "number" };
const text = { type: "string" };

const list = (properties: Record<string, object>) => ({
  type: "array",
  items: { type: "object", required: Object.keys(properties), properties },
});

/** The routes with pictures: what they are for, and what a picture's result holds. */
const routes: Readonly<Record<string, readonly [summary: string, result: Record<string, object>]>> = {
  "/v1/classify": [
    "Say what pictures show",
    { topK: list({ label: text, index: { type: "integer" }, probability: number }) },
  ],
  "/v1/embed": ["Give pictures' features", { embedding: { type: "array", items: number } }],
  "/v1/search": ["Find the pictures most like these", { similar: list({ path: text, similarity: number }) }],
};

/** The OpenAPI 3.0 document of a server; see https://spec.openapis.org/oas/v3.0.3. */
export function openApi({ search, tokens }: { readonly search: boolean; readonly tokens: boolean }): object {
  const served = Object.entries(routes).filter(([path]) => search || path !== "/v1/search");
  const paths = served.map(([path, [summary, result]]) => [path, { post: operation(path, summary, result) }]);
  return {
    openapi: "3.0.3",
    info: { title: "MobileNets", version, description: "Labels and features of pictures." },
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: tokens ? [{ token: [] }] : [],
  };
}

function operation(path: string, summary: string, result: Record<string, object>): object {
  const one = { type: "object", required: Object.keys(result), properties: result };
  const failed = { $ref: "#/components/schemas/Error" };
  const several = {
    type: "object",
    required: ["results"],
    properties: { results: { type: "array", items: { anyOf: [one, failed] } } },
  };
  const errors = Object.entries(statuses).map(([status, description]) => [
    status,
    { description, content: { "application/json": { schema: failed } } },
  ]);
  const k = { name: "top", in: "query", schema: { type: "integer", minimum: 1, maximum: 100, default: 5 } };
  return {
    operationId: path.split("/").at(-1),
    summary,
    description: "One picture gives its result. Several give `results`, each with its result or its `error`.",
    parameters: path === "/v1/embed" ? [] : [{ ...k, description: "How many, best first" }],
    requestBody,
    responses: {
      200: { description: "Done", content: { "application/json": { schema: { anyOf: [one, several] } } } },
      ...Object.fromEntries(errors),
    },
  };
}

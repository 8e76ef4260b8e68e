import { version } from "../version.ts";
import { errorSchema, requestBody, statuses } from "./schema.ts";

const number = { type: "number" };
const text = { type: "string" };

const list = (properties: Record<string, object>) => ({
  type: "array",
  items: { type: "object", required: Object.keys(properties), properties },
});

/** The routes with pictures: a summary, and the result of one picture. */
const routes: Readonly<Record<string, readonly [summary: string, result: Record<string, object>]>> = {
  "/v1/classify": [
    "Say what pictures show",
    { topK: list({ label: text, index: { type: "integer" }, probability: number }) },
  ],
  "/v1/embed": ["Give pictures' features", { embedding: { type: "array", items: number } }],
  "/v1/search": ["Find the pictures most like these", { similar: list({ path: text, similarity: number }) }],
};

/** The routes about the server, for its operator. */
const about: Readonly<Record<string, readonly [summary: string, type: string, mayRefuse: boolean]>> = {
  "/healthz": ["Say that the server runs", "application/json", false],
  "/readyz": ["Say whether the server accepts pictures", "application/json", true],
  "/metrics": ["Count requests and time, for Prometheus", "text/plain", false],
};

/** The part of an OpenAPI operation that `reference-page.ts` reads. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly description: string;
    readonly schema: { readonly minimum: number; readonly maximum: number; readonly default: number };
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: object }>>;
}

/** The OpenAPI 3.0 document of a server; see https://spec.openapis.org/oas/v3.0.3. */
export function openApi({ search, tokens }: { readonly search: boolean; readonly tokens: boolean }) {
  const served = Object.entries(routes).filter(([path]) => search || path !== "/v1/search");
  const paths: [string, Readonly<Record<string, Operation>>][] = [
    ...served.map(([path, [summary, result]]): [string, Readonly<Record<string, Operation>>] => {
      return [path, { post: operation(path, summary, result) }];
    }),
    ...Object.keys(about).map((path): [string, Readonly<Record<string, Operation>>] => [path, { get: told(path) }]),
  ];
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

function told(path: string): Operation & { readonly security: readonly object[] } {
  const [summary, type, mayRefuse] = about[path];
  const failed = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return {
    operationId: path.slice(1),
    summary,
    // These routes need no token.
    security: [],
    responses: {
      200: {
        description: "Done",
        content: { [type]: { schema: { type: type === "text/plain" ? "string" : "object" } } },
      },
      ...(mayRefuse && { 503: { description: "The server is starting or stopping", content: failed } }),
    },
  };
}

function operation(path: string, summary: string, result: Record<string, object>): Operation {
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
    operationId: path.split("/").at(-1)!,
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

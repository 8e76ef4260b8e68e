import cors from "@fastify/cors";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Admission } from "./admission.ts";
import { errorBody, HttpError, toHttpError } from "./http-error.ts";
import type { Metrics } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { CONTENT_SECURITY, tryPage } from "./page.ts";
import { referencePage } from "./reference-page.ts";
import type { ServeFlags } from "./settings.ts";
import type { Tokens } from "./tokens.ts";

/** The parts of an HTTP server. */
export interface ServerParts {
  readonly flags: ServeFlags;
  readonly tokens?: Tokens;
  readonly admission: Admission;
  readonly metrics: Metrics;
  /** The reason that the server accepts no pictures now. Undefined if it does. */
  readonly notReady: () => "starting" | "draining" | undefined;
  /** Handlers of requests with pictures, by the last part of the path. */
  readonly answers: Readonly<Record<string, (request: FastifyRequest, top: number) => Promise<object>>>;
}

/** Most milliseconds until a request has arrived whole. */
const REQUEST_TIMEOUT = 60_000;

/** Builds the HTTP server: its limits, its routes, and its error answers. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { flags, tokens, metrics } = parts;
  const server = Fastify({
    logger: { level: "info", stream: process.stderr },
    bodyLimit: flags.maxBody * 1e6,
    requestTimeout: REQUEST_TIMEOUT,
    // A connection without traffic is closed after this time.
    connectionTimeout: REQUEST_TIMEOUT,
    // While the server drains, new clients get our 503, not a cut connection.
    return503OnClosing: false,
  });
  server.setErrorHandler((error, request, reply) => fail(error, request, reply));
  server.setNotFoundHandler((request, reply) => fail({ statusCode: 404 }, request, reply));
  if (flags.cors) await server.register(cors, { origin: [...flags.cors] });
  const who = (request: FastifyRequest) => tokens?.nameOf(request.headers.authorization) ?? request.ip;
  await server.register(rateLimit, { global: false, timeWindow: 60_000, keyGenerator: who });
  await server.register(multipart, {
    limits: { fileSize: flags.maxBody * 1e6, files: flags.maxQueue, fields: 1, parts: flags.maxQueue + 1 },
  });
  server.removeContentTypeParser("text/plain");
  server.addContentTypeParser(/^image\//, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  server.addHook("onSend", async (_request, reply) => {
    // A kept-alive connection would delay the end.
    if (parts.notReady() === "draining") reply.header("connection", "close");
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.requests.inc({ route, status: reply.statusCode });
    metrics.seconds.observe({ route }, reply.elapsedTime / 1000);
  });
  addPictures(server, parts);
  addAbout(server, parts);
  return server;
}

/** Adds the routes with pictures. */
function addPictures(server: FastifyInstance, { flags, tokens, admission, notReady, answers }: ServerParts): void {
  for (const [name, answer] of Object.entries(answers)) {
    server.post(`/v1/${name}`, {
      config: flags.rate === undefined ? {} : { rateLimit: { max: flags.rate } },
      onRequest: async (request) => {
        if (tokens && tokens.nameOf(request.headers.authorization) === undefined) {
          throw new HttpError(
            401,
            "unauthorized",
            "expected the header authorization: Bearer TOKEN, with a known token",
          );
        }
        const reason = notReady();
        if (reason) throw new HttpError(503, reason, `the server is ${reason}: try again`, 1);
        // A full queue refuses the request before its body is read.
        admission.take(1);
        admission.give(1);
      },
      handler: async (request) => answer(request, topOf(request)),
    });
  }
}

/** Adds the routes about the server: documentation, health and metrics. */
function addAbout(server: FastifyInstance, { flags, tokens, metrics, notReady }: ServerParts): void {
  const document = openApi({ search: flags.store !== undefined, tokens: tokens !== undefined });
  server.get("/openapi.json", async () => document);
  for (const [path, html] of [
    ["/", tryPage(tokens !== undefined)],
    ["/reference", referencePage(document)],
  ]) {
    server.get(path, async (_request, reply) =>
      reply.type("text/html").header("content-security-policy", CONTENT_SECURITY).send(html),
    );
  }
  const quiet = { logLevel: "warn" } as const;
  server.get("/healthz", quiet, async () => ({ status: "ok" }));
  server.get("/readyz", quiet, async () => {
    const reason = notReady();
    if (reason) throw new HttpError(503, reason, `the server is ${reason}: try again`, 1);
    return { status: "ok" };
  });
  server.get("/metrics", quiet, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** @throws HttpError 400 for an invalid number */
function topOf({ query }: FastifyRequest): number {
  const { top = "5" } = query as { top?: unknown };
  const value = Number(top);
  if (typeof top === "string" && /^\d{1,3}$/.test(top) && value >= 1 && value <= 100) return value;
  throw new HttpError(400, "bad_top", "top: expected an integer from 1 to 100");
}

function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failed = toHttpError(error);
  if (failed.status === 500) request.log.error(error);
  if (failed.retryAfter !== undefined) reply.header("retry-after", failed.retryAfter);
  if (failed.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(failed.status).send({ error: errorBody(failed) });
}

// `npm run bench:serve`: tests a server with more clients than it can serve, then with malformed requests; see README.md.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { random } from "../packages/mobilenets/src/random.ts";
import { serve } from "../test/cli/server.ts";
import { malformed, material, statusOf } from "../test/http/malformed.ts";
import { circumstances } from "./machine.ts";
import { keep, preamble, table } from "./report.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    clients: { type: "string", default: "200" },
    malformed: { type: "string", default: "2000" },
    picture: { type: "string", default: "../shared/fixtures/images/cat_720p.jpg" },
    workers: { type: "string", default: "1" },
  },
});
// The cast skips its types, which are not needed.
const { default: autocannon } = (await import("autocannon" as string)) as {
  default: (options: object) => Promise<Load>;
};

interface Load {
  readonly latency: Readonly<Record<"p50" | "p97_5" | "p99" | "max", number>>;
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly errors: number;
  readonly timeouts: number;
}

const facts = circumstances(`Node ${process.versions.node}`, ["autocannon"]);
console.log(preamble(facts));
const server = await serve(["--max-body", "1", "--workers", values.workers]);
const port = Number(new URL(server.address).port);
const problems: string[] = [];

/** Megabytes of the server process, by its own report. */
async function memory(): Promise<number> {
  const metrics = await (await fetch(`${server.address}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)![1]) / 1e6;
}

const picture = await readFile(values.picture);
async function load(clients: number, seconds: number): Promise<readonly string[]> {
  const peaks: number[] = [];
  const timer = setInterval(() => void memory().then((mb) => peaks.push(mb)), 1000);
  const result = await autocannon({
    url: `${server.address}/v1/classify`,
    method: "POST",
    headers: { "content-type": "image/jpeg" },
    body: picture,
    connections: clients,
    duration: seconds,
    timeout: 30,
  });
  clearInterval(timer);
  const { latency, statusCodeStats, errors, timeouts } = result;
  const count = (status: string) => statusCodeStats[status]?.count ?? 0;
  const others = Object.entries(statusCodeStats).filter(([status]) => !["200", "503"].includes(status));
  for (const [status, { count: n }] of others) problems.push(`${n} answers with status ${status} under load`);
  if (errors + timeouts > 0) problems.push(`${errors} errors, ${timeouts} without an answer in 30 s`);
  const half = peaks.length >> 1;
  const [first, second] = [peaks.slice(0, half), peaks.slice(half)].map((part) => Math.max(...part));
  const ms = (value: number) => `${value} ms`;
  return [
    `${clients}`,
    (count("200") / seconds).toFixed(1),
    (count("503") / seconds).toFixed(0),
    ...[latency.p50, latency.p97_5, latency.p99, latency.max].map(ms),
    `${first.toFixed(0)} / ${second.toFixed(0)} MB`,
  ];
}

const seconds = Number(values.seconds);
const rows = [];
for (const clients of [1, 16, Number(values.clients)]) rows.push(await load(clients, seconds));
const header = ["clients", "answered/s", "503/s", "p50", "p97.5", "p99", "max", "memory: first half / second"];
console.log(table(header, rows));

// Requests of clients that left are dropped in their turn.
const queued = async () =>
  /^mobilenets_queue_pictures 0$/m.test(await (await fetch(`${server.address}/metrics`)).text());
while (!(await queued())) await sleep(50);

const rng = random(1);
const of = await material(1e6);
const count = Number(values.malformed);
const kinds = new Map<string, number>();
for (let i = 0; i < count; i++) {
  const request = malformed(i, rng, of);
  const status = await statusOf(port, request, 20_000).catch(({ message }) => message);
  if (!request.statuses.includes(status)) problems.push(`${request.kind}, number ${i}: ${status}`);
  kinds.set(request.kind, (kinds.get(request.kind) ?? 0) + 1);
}
console.log(
  `\n${count} malformed requests of ${kinds.size} kinds; memory afterwards ${(await memory()).toFixed(0)} MB`,
);
const code = await server.stop();
if (code !== 0) problems.push(`exit code ${code}`);
keep("serve", facts, { rows, malformed: count, problems });
console.log(problems.length === 0 ? "nothing wrong" : problems.slice(0, 50).join("\n"));
process.exitCode = problems.length === 0 ? 0 : 1;

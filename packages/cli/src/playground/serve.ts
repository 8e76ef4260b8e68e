import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import weights from "@mobilenets/weights-imagenet";
import { MobileNetsError } from "mobilenets";
import sirv from "sirv";

/** Folder of the built site, which `apps/playground` writes beside `src` and `dist`. Weights are in another package. */
const SITE = fileURLToPath(new URL("../../playground", import.meta.url));
const WEIGHTS = "/weights/efficientnet_lite0.safetensors";
const HOST = "127.0.0.1";

export interface Playground {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the playground to this machine only. It is isolated from other origins, which threads of the engine need.
 * @param port 0 for any free port
 * @throws MobileNetsError if the port is taken, or the site is not built
 */
export async function servePlayground(port: number): Promise<Playground> {
  if (!existsSync(SITE)) {
    throw new MobileNetsError({
      where: "playground",
      found: "no built site in this package",
      hint: "in a copy of the repository, `npm run build` makes it",
    });
  }
  const files = sirv(SITE, { etag: true, setHeaders: isolate });
  const server = createServer((request, response) => {
    if (!isOurs(request.headers.host)) return refuse(response, 403);
    const { pathname } = new URL(request.url ?? "/", `http://${HOST}`);
    if (pathname === WEIGHTS) return sendWeights(response);
    files(request, response, () => refuse(response, 404));
  });
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new MobileNetsError(
      { where: `port ${port}`, found: "in use by another program", hint: "--port 0 takes any free port" },
      { cause },
    );
  }
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.close();
      // Browsers keep their connections open.
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Refuses other host names. A foreign page whose name resolves to this machine must not read the site. */
const isOurs = (host = "") => /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host);

function isolate(response: ServerResponse): void {
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  response.setHeader("X-Content-Type-Options", "nosniff");
}

function sendWeights(response: ServerResponse): void {
  isolate(response);
  response.setHeader("Content-Type", "application/octet-stream");
  createReadStream(fileURLToPath(weights))
    .on("error", () => response.destroy())
    .pipe(response);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

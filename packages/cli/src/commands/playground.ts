import { once } from "node:events";
import { type Command, InvalidArgumentError } from "commander";
import { addExamples } from "../help/examples.ts";
import { toInteger } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";

interface PlaygroundFlags {
  readonly port: number;
  readonly json?: true;
}

const PORT = 4180;

/** Adds the command `playground`, which serves a page for trying the networks in a browser. */
export function addPlayground(root: Command): void {
  const command = root
    .command("playground")
    .summary("serve a page for trying the networks in a browser")
    .description(
      "Serve the playground on this machine: classify pictures and the webcam's frames in the browser. It is served to this machine alone, and no picture leaves the page.",
    )
    .option("--port <n>", "0 takes any free port", toPort, PORT)
    .option("--json", "print one JSON object")
    .action(run);
  addExamples(command, [
    ["mobilenets playground", "Serve it; Ctrl+C ends it"],
    ["mobilenets playground --port 0", "On any free port"],
    ["mobilenets playground --json", "For other programs: where it is"],
  ]);
}

function toPort(text: string): number {
  const port = toInteger(0)(text);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a port, 0 to 65535.");
}

async function run({ port, json }: PlaygroundFlags): Promise<void> {
  const { servePlayground } = await import("../playground/serve.ts");
  const { url, close } = await servePlayground(port);
  const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await result(json ? JSON.stringify({ url }) : url);
  diagnostic("open it in a browser; Ctrl+C ends it");
  await ended;
  await close();
}

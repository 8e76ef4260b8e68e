import { collectSoon } from "./collect-soon.ts";

if (process.argv[2] === "extract") collectSoon();
await import("./run-command.ts");

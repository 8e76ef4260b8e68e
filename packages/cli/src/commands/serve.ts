import type { Command } from "commander";
import { addExamples } from "../help/examples.ts";
import { toInteger, toNames } from "../numbers.ts";
import { addRunOptions } from "../run-options.ts";
import type { ServeFlags } from "../serve/settings.ts";

/** Adds the command `serve`, which classifies and embeds pictures over HTTP. */
export function addServe(root: Command): void {
  const command = root
    .command("serve")
    .summary("serve labels and features over HTTP")
    .description("Serve labels and features of pictures over HTTP.")
    .option("--port <n>", "0 takes any free port", toInteger(0), 8080)
    .option("--host <address>", "where to listen; 0.0.0.0 is everywhere", "127.0.0.1")
    .option("--store <dir>", "a folder that `extract` wrote, for /v1/search; its model serves all")
    .optionsGroup("Load:")
    .option("--workers <n>", "copies of the model, each in a thread of its own beside --threads", toInteger(1, 64), 1)
    .option("--max-batch <n>", "most pictures computed at a time", toInteger(1), 8)
    .option("--max-delay <ms>", "most milliseconds that a picture waits for others", toInteger(0), 5)
    .option("--max-queue <n>", "most pictures in progress; others get 503", toInteger(1), 64)
    .option("--max-body <mb>", "most megabytes of a request", toInteger(1), 20)
    .optionsGroup("Callers:")
    .option("--tokens <file>", "lines `name token`; requests must carry one of the tokens")
    .option("--rate <n>", "most requests a minute of one token or address", toInteger(1))
    .option("--cors <origins>", "origins whose pages may call: https://a.example,https://b.example", toNames)
    .option("--urls", "fetch pictures from public URLs that requests name")
    .optionsGroup("");
  addRunOptions(command)
    .addHelpText("after", "\nSIGTERM and SIGINT end it after the accepted requests.")
    .addHelpText("after", "\nExit codes: 0 stopped, 1 it could not serve, 2 bad usage.")
    // The server is loaded only here, so other commands start faster.
    .action(async (flags: ServeFlags) => (await import("../serve/run.ts")).serve(flags));
  addExamples(command, [
    ["mobilenets serve", "A page to try it with, at http://127.0.0.1:8080"],
    ["mobilenets serve --host 0.0.0.0 --tokens tokens.txt --rate 600", "For others, who must have a token"],
    ["mobilenets serve --store features --port 9000", "Search among the pictures whose features `extract` wrote"],
  ]);
}

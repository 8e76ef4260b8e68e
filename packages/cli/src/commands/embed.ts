import type { Command } from "commander";
import { addExamples } from "../help/examples.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { addTopOptions } from "../network-options.ts";
import { PICTURES } from "../pictures/argument.ts";
import { limitsOf } from "../pictures/limits.ts";
import { printEach } from "../pictures/print-each.ts";
import { checkStdin } from "../pictures/read-stdin.ts";
import { walkEach } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";

interface EmbedFlags extends RunFlags {
  readonly json?: true;
}

/** Adds the command `embed`, which prints the features of pictures. */
export function addEmbed(root: Command): void {
  const command = root
    .command("embed")
    .summary("print pictures' features")
    .description("Print pictures' embeddings: one vector of features each.")
    .argument("<images...>", PICTURES)
    .option("--json", "print one JSON object per picture, a line each");
  addTopOptions(addRunOptions(command))
    .addHelpText("after", "\nExit codes: 0 done, 1 at least one picture could not be read, 2 bad usage.")
    .action(embed);
  addExamples(command, [
    ["mobilenets embed photo.jpg --json", "The features of a picture, for other programs"],
    ["mobilenets embed photos --weights fashion-mnist", "How many features there are, and the first few of each"],
    ["mobilenets embed - --json < photo.jpg", "A picture from standard input"],
  ]);
}

async function embed(images: string[], flags: EmbedFlags): Promise<void> {
  checkStdin(images);
  const paths = await walkEach(images);
  const model = await loadModel(flags);
  announcePipeline(model, { onlyOthers: true });
  try {
    const formats = {
      json: flags.json ? (vector: Float32Array) => ({ embedding: Array.from(vector) }) : undefined,
      text: (path: string, vector: Float32Array) => `${printable(path)}: ${vector.length} numbers: ${preview(vector)}`,
    };
    await printEach(paths, (pictures) => model.embed(pictures), formats, limitsOf(flags));
  } finally {
    model.dispose();
  }
}

function preview(vector: Float32Array): string {
  const first = Array.from(vector.subarray(0, 6), (x) => x.toPrecision(4));
  return first.join(" ") + (vector.length > first.length ? " ..." : "");
}

import type { Command } from "commander";
import { loadModel } from "../load-model.ts";
import { addTopOptions } from "../network-options.ts";
import { printEach } from "../pictures/print-each.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";

interface EmbedFlags extends RunFlags {
  readonly json?: true;
}

export function addEmbed(root: Command): void {
  const command = root.command("embed").description("Print pictures' embeddings: one vector of features each.");
  addTopOptions(addRunOptions(command.argument("<images...>", "picture files")))
    .option("--json", "print one JSON object per picture, a line each")
    .addHelpText("after", "\nExit codes: 0 done, 1 at least one picture could not be read, 2 bad usage.")
    .action(embed);
}

async function embed(images: string[], flags: EmbedFlags): Promise<void> {
  const model = await loadModel(flags);
  try {
    await printEach(images, (pictures) => model.embed(pictures), {
      json: flags.json ? (vector) => ({ embedding: Array.from(vector) }) : undefined,
      text: (path, vector) => `${path}: ${vector.length} numbers: ${preview(vector)}`,
    });
  } finally {
    model.dispose();
  }
}

function preview(vector: Float32Array): string {
  const first = Array.from(vector.subarray(0, 6), (x) => x.toPrecision(4));
  return first.join(" ") + (vector.length > first.length ? " ..." : "");
}

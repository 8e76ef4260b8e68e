import type { Command } from "commander";
import type { Prediction } from "mobilenets";
import { loadModel } from "../load-model.ts";
import { toInteger } from "../numbers.ts";
import { printEach } from "../pictures/print-each.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";

interface ClassifyFlags extends RunFlags {
  readonly top: number;
  readonly json?: true;
}

export function addClassify(root: Command): void {
  const command = root.command("classify").description("Say what pictures show.");
  addRunOptions(command.argument("<images...>", "picture files"))
    .option("--top <k>", "how many classes, best first", toInteger(1), 5)
    .option("--json", "print one JSON object per picture, a line each")
    .addHelpText("after", "\nExit codes: 0 done, 1 at least one picture could not be read, 2 bad usage.")
    .action(classify);
}

async function classify(images: string[], flags: ClassifyFlags): Promise<void> {
  const model = await loadModel(flags);
  try {
    await printEach(images, (pictures) => model.classify(pictures, { topK: flags.top }), {
      json: flags.json ? (topK) => ({ topK }) : undefined,
      text: (path, topK) => [path, ...topK.map(predictionLine)].join("\n"),
    });
  } finally {
    model.dispose();
  }
}

function predictionLine({ label, probability }: Prediction): string {
  return `  ${probability.toFixed(4)}  ${label}`;
}

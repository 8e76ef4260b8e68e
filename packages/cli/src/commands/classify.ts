import type { Command } from "commander";
import type { Prediction } from "mobilenets";
import { bar } from "../bar.ts";
import { addExamples } from "../help/examples.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { toInteger } from "../numbers.ts";
import { PICTURES } from "../pictures/argument.ts";
import { limitsOf } from "../pictures/limits.ts";
import { printEach } from "../pictures/print-each.ts";
import { checkStdin } from "../pictures/read-stdin.ts";
import { walkEach } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";
import { colors, isTerminal } from "../terminal.ts";

interface ClassifyFlags extends RunFlags {
  readonly top: number;
  readonly json?: true;
}

/** Adds the command `classify`, which finds the classes of pictures. */
export function addClassify(root: Command): void {
  const command = root
    .command("classify")
    .summary("say what pictures show")
    .description("Say what pictures show.")
    .argument("<images...>", PICTURES)
    .option("--top <k>", "how many classes, best first", toInteger(1), 5)
    .option("--json", "print one JSON object per picture, a line each");
  addRunOptions(command)
    .addHelpText("after", "\nExit codes: 0 done, 1 at least one picture could not be read, 2 bad usage.")
    .action(classify);
  addExamples(command, [
    ["mobilenets classify photo.jpg", "What is on it? The weights come with the command."],
    ["mobilenets classify photos --top 1 --json", "The best class of every picture in a folder, for other programs"],
    ["mobilenets classify - --weights fashion-mnist < photo.jpg", "A picture from standard input, with other weights"],
    ["mobilenets classify https://example.com/cat.jpg 'photos/*.png'", "From the web, and what a pattern matches"],
  ]);
}

async function classify(images: string[], flags: ClassifyFlags): Promise<void> {
  checkStdin(images);
  const paths = await walkEach(images);
  const model = await loadModel(flags);
  announcePipeline(model, { onlyOthers: true });
  try {
    const formats = {
      json: flags.json ? (topK: Prediction[]) => ({ topK }) : undefined,
      text: predictionLines(),
    };
    await printEach(paths, (pictures) => model.classify(pictures, { topK: flags.top }), formats, limitsOf(flags));
  } finally {
    model.dispose();
  }
}

const BAR = 20;

/** A picture's name, then a line per class. On a terminal, a bar stands between number and name. */
function predictionLines(): (path: string, topK: readonly Prediction[]) => string {
  const { bold, green } = colors("stdout");
  const between = isTerminal("stdout")
    ? ({ probability }: Prediction) => `${green(bar(probability, BAR))}  `
    : () => "";
  const line = (prediction: Prediction) =>
    `  ${prediction.probability.toFixed(4)}  ${between(prediction)}${printable(prediction.label)}`;
  return (path, topK) => [bold(printable(path)), ...topK.map(line)].join("\n");
}

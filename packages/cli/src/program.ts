import { Command } from "commander";
import { addClassify } from "./commands/classify.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConvert } from "./commands/convert.ts";
import { addDedupe } from "./commands/dedupe.ts";
import { addEmbed } from "./commands/embed.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addExplain } from "./commands/explain.ts";
import { addExtract } from "./commands/extract.ts";
import { addPlayground } from "./commands/playground.ts";
import { addProfile } from "./commands/profile.ts";
import { addSearch } from "./commands/search.ts";
import { addServe } from "./commands/serve.ts";
import { addSimilar } from "./commands/similar.ts";
import { addSummary } from "./commands/summary.ts";
import { addTrain } from "./commands/train.ts";
import { addWeights } from "./commands/weights.ts";
import { addExamples } from "./help/examples.ts";
import { helpStyle } from "./help/style.ts";
import { printable } from "./printable.ts";
import { version } from "./version.ts";

/** The commands in the order of the help, under their headings. A new one is a file in `commands/` and a line here. */
const commands: readonly (readonly [heading: string, adds: readonly ((root: Command) => void)[]])[] = [
  ["Ask a picture:", [addClassify, addEmbed, addPlayground]],
  ["Many pictures:", [addExtract, addSearch, addSimilar, addDedupe, addServe]],
  ["Classes of your own:", [addTrain, addEvaluate]],
  ["Networks and weights:", [addExplain, addSummary, addProfile, addWeights, addConvert]],
  ["Shell and help:", [addCompletion]],
];

/** Commander quotes arguments as they are. A second line is its own guess. */
function printableError(text: string): string {
  const lines = text.trimEnd().split(/\n(?=\(Did you mean )/);
  return `${lines.map(printable).join("\n")}\n`;
}

/** The whole command line. It throws `CommanderError` where commander would end the process. */
export function program(): Command {
  const root = new Command("mobilenets")
    .description(
      "MobileNets from the terminal: labels and features of pictures, training, sizes and costs of the networks.",
    )
    .configureHelp(helpStyle)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printableError(text)) })
    .optionsGroup("Help:")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help");
  for (const [heading, adds] of commands) {
    root.commandsGroup(heading);
    for (const add of adds) add(root);
  }
  // Takes the last heading.
  root.helpCommand("help [command]", "print the help of a command");
  root.addHelpText(
    "after",
    "\nExit codes: 0 done, 1 the job failed, 2 bad usage. Results on stdout, the rest on stderr.",
  );
  return addExamples(root, [
    ["mobilenets classify photo.jpg", "What is on a picture?"],
    ["mobilenets extract photos --out features", "Features of all pictures in a folder"],
    ["mobilenets train products --out run", "A classifier for classes of your own: a folder of pictures for each"],
  ]);
}

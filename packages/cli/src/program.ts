import { Command } from "commander";
import { addClassify } from "./commands/classify.ts";
import { addConvert } from "./commands/convert.ts";
import { addEmbed } from "./commands/embed.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addExtract } from "./commands/extract.ts";
import { addProfile } from "./commands/profile.ts";
import { addSimilar } from "./commands/similar.ts";
import { addSummary } from "./commands/summary.ts";
import { addTrain } from "./commands/train.ts";
import { addWeights } from "./commands/weights.ts";
import { version } from "./version.ts";

/** The whole command line. It throws `CommanderError` where commander would end the process. */
export function program(): Command {
  const root = new Command("mobilenets")
    .description(
      "MobileNets from the terminal: sizes and costs of the networks, labels and features of pictures, training.",
    )
    .version(version)
    .exitOverride()
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 the job failed, 2 bad usage. Results on stdout, the rest on stderr.",
    );
  addSummary(root);
  addClassify(root);
  addEmbed(root);
  addExtract(root);
  addSimilar(root);
  addTrain(root);
  addEvaluate(root);
  addConvert(root);
  addWeights(root);
  addProfile(root);
  return root;
}

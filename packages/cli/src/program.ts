import { Command } from "commander";
import { addExamples } from "./help/examples.ts";
import { helpStyle } from "./help/style.ts";
import { printable } from "./printable.ts";
import { version } from "./version.ts";

type Adds = (root: Command) => void;

/**
 * The commands in the order of the help, under their headings. A new command is a file in `commands/` and a line here.
 * Each is imported on demand, because all together take longer to load than most commands to run.
 */
const commands: readonly (readonly [heading: string, byName: Readonly<Record<string, () => Promise<Adds>>>])[] = [
  [
    "Ask a picture:",
    {
      classify: async () => (await import("./commands/classify.ts")).addClassify,
      embed: async () => (await import("./commands/embed.ts")).addEmbed,
      playground: async () => (await import("./commands/playground.ts")).addPlayground,
    },
  ],
  [
    "Many pictures:",
    {
      extract: async () => (await import("./commands/extract.ts")).addExtract,
      search: async () => (await import("./commands/search.ts")).addSearch,
      index: async () => (await import("./commands/make-index.ts")).addIndex,
      forget: async () => (await import("./commands/forget.ts")).addForget,
      similar: async () => (await import("./commands/similar.ts")).addSimilar,
      map: async () => (await import("./commands/map.ts")).addMap,
      dedupe: async () => (await import("./commands/dedupe.ts")).addDedupe,
      queue: async () => (await import("./commands/queue.ts")).addQueue,
      worker: async () => (await import("./commands/worker.ts")).addWorker,
      serve: async () => (await import("./commands/serve.ts")).addServe,
    },
  ],
  [
    "Classes of your own:",
    {
      train: async () => (await import("./commands/train.ts")).addTrain,
      evaluate: async () => (await import("./commands/evaluate.ts")).addEvaluate,
    },
  ],
  [
    "Networks and weights:",
    {
      explain: async () => (await import("./commands/explain.ts")).addExplain,
      summary: async () => (await import("./commands/summary.ts")).addSummary,
      profile: async () => (await import("./commands/profile.ts")).addProfile,
      weights: async () => (await import("./commands/weights.ts")).addWeights,
      convert: async () => (await import("./commands/convert.ts")).addConvert,
      build: async () => (await import("./commands/build.ts")).addBuild,
    },
  ],
  [
    "Shell and help:",
    {
      completion: async () => (await import("./commands/completion.ts")).addCompletion,
    },
  ],
];

/** True for a command that needs no others. Completion, the help, and hints for an unknown name need all commands. */
function isAlone(name: string): boolean {
  return name !== "completion" && commands.some(([, byName]) => Object.hasOwn(byName, name));
}

/** Escapes the arguments that commander quotes. Its suggestion stays on a line of its own. */
function printableError(text: string): string {
  const lines = text.trimEnd().split(/\n(?=\(Did you mean )/);
  return `${lines.map(printable).join("\n")}\n`;
}

/**
 * Makes the command line. It throws `CommanderError` where commander would end the process.
 * @param name the first argument; for a command that needs no others, only that command is loaded
 */
export async function program(name = ""): Promise<Command> {
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
  for (const [heading, byName] of commands) {
    root.commandsGroup(heading);
    for (const [command, load] of Object.entries(byName)) {
      if (command === name || !isAlone(name)) (await load())(root);
    }
  }
  // The help command gets the last heading.
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

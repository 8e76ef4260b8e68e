import { Argument, type Command } from "commander";
import { bashScript } from "../completion/bash.ts";
import { type CommandEntry, describe } from "../completion/describe.ts";
import { fishScript } from "../completion/fish.ts";
import { zshScript } from "../completion/zsh.ts";
import { addExamples } from "../help/examples.ts";
import { result } from "../output.ts";

const scripts: Readonly<Record<string, (name: string, entries: readonly CommandEntry[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Adds the command `completion`, which prints a script for completion in a shell. */
export function addCompletion(root: Command): void {
  const command = root
    .command("completion")
    .summary("print a script that completes commands in a shell")
    .description("Print a script that teaches a shell to complete commands, options, networks and names of weights.")
    .addArgument(new Argument("<shell>", "name of the shell").choices(Object.keys(scripts)))
    .addHelpText("after", help)
    .action(async (shell: string) => result(scripts[shell](root.name(), describe(root)).trimEnd()));
  addExamples(command, [
    ["mobilenets completion bash > ~/.mobilenets-completion.bash", "For bash: `source` the file in ~/.bashrc"],
    ["mobilenets completion zsh > ~/.mobilenets-completion.zsh", "For zsh: `source` it in ~/.zshrc, after compinit"],
    ["mobilenets completion fish > ~/.config/fish/completions/mobilenets.fish", "For fish, which finds it there"],
  ]);
}

const help = `
The script is for this version: write it again after an update.`;

import type { Command } from "commander";

/** Headings of options in the help. Options without one come first, under "Options:". */
export const groups = {
  pictures: "Pictures:",
  /** For commands that load weights, which know the network's shape. */
  network: "Network (default: as the weights have it):",
  /** For commands without weights. */
  shape: "Network:",
  running: "How it runs:",
} as const;

/** Adds options under a heading. Later options get the heading of before. */
export function inGroup(command: Command, heading: string, add: (command: Command) => void): Command {
  const before = command.optionsGroup();
  command.optionsGroup(heading);
  add(command);
  return command.optionsGroup(before);
}

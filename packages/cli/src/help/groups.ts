import type { Command } from "commander";

/** Headings of options in the help. Options without one come first, under "Options:". */
export const groups = {
  pictures: "Pictures:",
  /** Where weights are loaded, which know the network's shape. */
  network: "Network (default: as the weights have it):",
  /** Where there are none. */
  shape: "Network:",
  running: "How it runs:",
} as const;

/** Adds options under a heading; those added afterwards are where they would have been without this call. */
export function inGroup(command: Command, heading: string, add: (command: Command) => void): Command {
  const before = command.optionsGroup();
  command.optionsGroup(heading);
  add(command);
  return command.optionsGroup(before);
}

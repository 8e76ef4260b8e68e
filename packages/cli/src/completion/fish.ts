import type { CommandEntry, OptionEntry } from "./describe.ts";
import { quote } from "./quote.ts";

/** Writes a script for fish 3: `mobilenets completion fish | source`. */
export function fishScript(name: string, entries: readonly CommandEntry[]): string {
  const at = `__${name}_at`;
  const complete = (path: string, rest: string) => `complete -c ${name} -n ${quote(`${at} ${quote(path)}`)} ${rest}`;

  const optionLine = (path: string, option: OptionEntry) => {
    const { flags, description, takesValue, values, files } = option;
    const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
    const value = takesValue ? ` ${files ? "-r -F" : "-x"}${values ? ` -a ${quote(values.join(" "))}` : ""}` : "";
    return complete(path, `${names.join(" ")}${value} -d ${quote(description)}`);
  };

  const linesOf = ({ path, commands, options, argument: { values, files } }: CommandEntry) => [
    ...commands.map((sub) => complete(path, `-a ${sub.name} -d ${quote(sub.description)}`)),
    ...(values ? [complete(path, `-a ${quote(values.join(" "))}`)] : []),
    ...(files ? [complete(path, "-F")] : []),
    ...options.map((option) => optionLine(path, option)),
  ];

  const known = entries.flatMap(({ path }) => (path === "" ? [] : [quote(path)]));
  return `# fish completion for ${name}, made by: ${name} completion fish
# True if the words before the cursor lead to this command.
function ${at}
    set -l command ''
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        set -l next (string trim "$command $word")
        switch "$next"
            case ${known.join(" ")}
                set command $next
        end
    end
    test "$command" = "$argv[1]"
end

complete -c ${name} -f
${entries.flatMap(linesOf).join("\n")}
`;
}

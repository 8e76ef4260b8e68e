import type { ValueKind } from "../suggest.ts";
import type { CommandEntry, OptionEntry } from "./describe.ts";
import { quote } from "./quote.ts";

/** Writes a script for bash 3.2 or later: `source <(mobilenets completion bash)`. */
export function bashScript(name: string, entries: readonly CommandEntry[]): string {
  const add = `_${name}_add`;
  const files = `_${name}_files`;

  /** Commands that add the possible values. */
  const offer = ({ values = [], files: takesFiles }: ValueKind) =>
    [...(values.length > 0 ? [`${add} -W ${quote(values.join(" "))}`] : []), ...(takesFiles ? [files] : []), ":"].join(
      "; ",
    );

  const valueCase = (path: string, option: OptionEntry) => {
    const patterns = option.flags.map((flag) => quote(`${path} ${flag}`)).join(" | ");
    return `    ${patterns}) ${offer(option)}; return ;;`;
  };

  const commandCase = ({ path, commands, options, argument }: CommandEntry) => {
    const flags = { values: options.flatMap((option) => option.flags), files: false };
    const words = { values: [...commands.map((sub) => sub.name), ...(argument.values ?? [])], files: argument.files };
    return `    ${quote(path)}) if [[ $cur == -* ]]; then ${offer(flags)}; else ${offer(words)}; fi ;;`;
  };

  const known = entries.flatMap(({ path }) => (path === "" ? [] : [quote(path)]));
  const valued = entries.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => valueCase(path, option)),
  );
  return `# bash completion for ${name}, made by: ${name} completion bash
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' next i
  # bash splits --option=value into three words.
  if [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [[ $cur == = ]]; then cur=''; fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${command:+$command }\${COMP_WORDS[i]}"
    case $next in
      ${known.join(" | ")}) command=$next ;;
    esac
  done
  case "$command $prev" in
${valued.join("\n")}
  esac
  case $command in
${entries.map(commandCase).join("\n")}
  esac
}

# Adds the lines that compgen prints.
${add}() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$cur")
}

${files}() {
  compopt -o filenames 2>/dev/null
  ${add} -f
}

complete -F _${name} ${name}
`;
}

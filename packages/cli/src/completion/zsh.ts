import type { ValueKind } from "../suggest.ts";
import type { CommandEntry, OptionEntry, Word } from "./describe.ts";
import { quote } from "./quote.ts";

/** Writes a script for zsh: `_mobilenets` in `$fpath`, or `source <(mobilenets completion zsh)` after `compinit`. */
export function zshScript(name: string, entries: readonly CommandEntry[]): string {
  const valueCase = (path: string, option: OptionEntry) => {
    const patterns = option.flags.map((flag) => quote(`${path} ${flag}`)).join(" | ");
    return `    ${patterns}) ${offer(option)}; return ;;`;
  };

  const commandCase = ({ path, commands, options, argument }: CommandEntry) => {
    const flags = options.flatMap(({ flags, description }) => flags.map((flag) => ({ name: flag, description })));
    const rest = commands.length > 0 ? described("command", commands) : offer(argument);
    return `    ${quote(path)}) if [[ $cur == -* ]]; then ${described("option", flags)}; else ${rest}; fi ;;`;
  };

  const known = entries.flatMap(({ path }) => (path === "" ? [] : [quote(path)]));
  const valued = entries.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => valueCase(path, option)),
  );
  return `#compdef ${name}
# zsh completion for ${name}, made by: ${name} completion zsh
_${name}() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT - 1]} command='' next i
  local -a items
  for ((i = 2; i < CURRENT; i++)); do
    next="\${command:+$command }\${words[i]}"
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

# In $fpath, this file is the function. With \`source\`, it registers the function.
if [[ \${funcstack[1]} == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function offer({ values = [], files }: ValueKind): string {
  const words = values.length > 0 ? [`compadd -- ${values.map(quote).join(" ")}`] : [];
  return [...words, ...(files ? ["_files"] : []), ":"].join("; ");
}

function described(kind: string, words: readonly Word[]): string {
  const items = words.map((word) => quote(`${word.name.replaceAll(":", "\\:")}:${word.description}`));
  return `items=(${items.join(" ")}); _describe ${kind} items`;
}

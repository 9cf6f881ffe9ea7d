/** The completion script for zsh. */
import { programNames } from "../invocation.ts";
import { type CommandFacts, type CompletionFacts, type OptionFacts, withSubcommands } from "./facts.ts";
import { quoted } from "./quoting.ts";

/** A word with what it means, as `_describe` takes it. */
const described = (word: string, meaning: string): string => quoted(`${word.replaceAll(":", "\\:")}:${meaning}`);

const flags = (options: readonly OptionFacts[]): string =>
  options.flatMap((option) => option.flags.map((flag) => described(flag, option.description))).join(" ");

/** The line of a `case` for a command. */
function branch({ name, options, subcommands, words, takesRuns, takesSettings }: CommandFacts): string {
  const all = [...words.map(quoted), ...subcommands.map((each) => described(each.name, each.summary))];
  const parts = [
    `flags+=(${flags(options)})`,
    ...(all.length > 0 ? [`names=(${all.join(" ")})`] : []),
    ...(takesRuns ? ["folders=(runs/*/config.yaml(N:h))"] : []),
    ...(takesSettings ? ["settings=1"] : []),
  ];
  return `    ${quoted(name)}) ${parts.join("; ")} ;;`;
}

/** Lines of a `case` for the values of a command's options. */
const choices = ({ name, options }: CommandFacts): string[] =>
  options.flatMap((option) =>
    option.choices.length === 0
      ? []
      : option.flags.map(
          (flag) => `    ${quoted(`${name} ${flag}`)}) compadd -- ${option.choices.join(" ")}; return ;;`,
        ),
  );

/** A script to be sourced, or to be put into a folder of `fpath` as `_pdiff`. */
export function zshScript({ commands, options, keys }: CompletionFacts): string {
  const all = commands.flatMap(withSubcommands);
  const nested = commands.filter(({ subcommands }) => subcommands.length > 0).map(({ name }) => name);
  return `#compdef ${programNames.join(" ")}
# Completion of pdiff for zsh.
_pdiff() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} verb='' word settings=''
  local -a flags names folders
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] && continue
    if [[ -z $verb ]]; then verb=$word
    elif [[ ' ${nested.join(" ")} ' == *" $verb "* ]]; then verb="$verb $word"; break
    else break; fi
  done
  if [[ $cur == [a-zA-Z.]##=* ]]; then
    compset -P '*='
    case \${cur%%=*} in
${keys.flatMap(({ path, choices: values }) => (values.length === 0 ? [] : [`    ${path}) compadd -- ${values.map(quoted).join(" ")} ;;`])).join("\n")}
    *) _files ;;
    esac
    return
  fi
  case "$verb $prev" in
${all.flatMap(choices).join("\n")}
  esac
  flags=(${flags(options)})
  case $verb in
    '') names=(${commands.map(({ name, summary }) => described(name, summary)).join(" ")}) ;;
${all.map(branch).join("\n")}
  esac
  if [[ $cur == -* ]]; then _describe option flags; return; fi
  (( \${#names} )) && _describe word names
  (( \${#folders} )) && compadd -f -- $folders
  [[ -n $settings && -n $cur ]] && compadd -S '' -- ${keys.map(({ path }) => `${path}=`).join(" ")}
  [[ -n $verb ]] && _files
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _pdiff ${programNames.join(" ")}
`;
}

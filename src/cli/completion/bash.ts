/** The completion script for bash. */
import { programNames } from "../invocation.ts";
import { type CommandFacts, type CompletionFacts, withSubcommands } from "./facts.ts";
import { quoted } from "./quoting.ts";

const flagsOf = (options: CompletionFacts["options"]): string => options.flatMap(({ flags }) => flags).join(" ");

/** The line of a `case` for a command. */
function branch({ name, options, subcommands, words, takesRuns, takesSettings }: CommandFacts): string {
  const all = [...words, ...subcommands.map((each) => each.name)];
  const parts = [
    `flags=${quoted(flagsOf(options))}`,
    ...(all.length > 0 ? [`words=${quoted(all.join(" "))}`] : []),
    ...(takesRuns ? ["runs=1"] : []),
    ...(takesSettings ? ["settings=1"] : []),
  ];
  return `    ${quoted(name)}) ${parts.join("; ")} ;;`;
}

/** Lines of a `case` for the values of a command's options. */
const choices = ({ name, options }: CommandFacts): string[] =>
  options.flatMap((option) =>
    option.choices.length === 0
      ? []
      : option.flags.map((flag) => `    ${quoted(`${name} ${flag}`)}) values=${quoted(option.choices.join(" "))} ;;`),
  );

/** A script to be sourced. */
export function bashScript({ commands, options, keys }: CompletionFacts): string {
  const all = commands.flatMap(withSubcommands);
  const nested = commands.filter(({ subcommands }) => subcommands.length > 0).map(({ name }) => name);
  return `# Completion of pdiff for bash.
_pdiff() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local verb='' word flags='' words='' values='' runs='' settings='' key='' run
  # bash splits words at "=".
  if [[ $cur == '=' ]]; then key=$prev; cur=''
  elif [[ $prev == '=' ]]; then key=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    [[ $word == -* ]] && continue
    if [[ -z $verb ]]; then verb=$word
    elif [[ ' ${nested.join(" ")} ' == *" $verb "* ]]; then verb="$verb $word"; break
    else break; fi
  done
  if [[ -n $key ]]; then
    case $key in
${keys.flatMap(({ path, choices: values }) => (values.length === 0 ? [] : [`    ${path}) values=${quoted(values.join(" "))} ;;`])).join("\n")}
    esac
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
    return
  fi
  case "$verb $prev" in
${all.flatMap(choices).join("\n")}
  esac
  if [[ -n $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$cur")); return; fi
  case $verb in
    '') words=${quoted(commands.map(({ name }) => name).join(" "))} ;;
${all.map(branch).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags ${flagsOf(options)}" -- "$cur"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $runs ]]; then
    for run in runs/*/config.yaml; do
      run=\${run%/config.yaml}
      [[ -e $run && $run == "$cur"* ]] && COMPREPLY+=("$run")
    done
  fi
  if [[ -n $settings && -n $cur ]]; then
    local found=($(compgen -W ${quoted(keys.map(({ path }) => `${path}=`).join(" "))} -- "$cur"))
    # A value follows at once.
    if ((\${#COMPREPLY[@]} == 0 && \${#found[@]} > 0)); then compopt -o nospace 2> /dev/null; fi
    COMPREPLY+=("\${found[@]}")
  fi
}
complete -o default -F _pdiff ${programNames.join(" ")}
`;
}

/** The completion script for fish. */
import { programNames } from "../invocation.ts";
import type { CommandFacts, CompletionFacts, OptionFacts } from "./facts.ts";
import { quoted } from "./quoting.ts";

/** The condition that a command and, if it is given, a subcommand are typed. */
const typed = (path: readonly string[]): string =>
  quoted(path.map((name) => `__fish_seen_subcommand_from ${name}`).join("; and "));

function option({ flags, description, takesValue, choices }: OptionFacts): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
  const values = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : takesValue ? " -r" : "";
  return `${names}${values} -d ${quoted(description)}`;
}

/** Lines for a command and its subcommands. */
function lines({ name, ...facts }: CommandFacts, above: readonly string[] = []): string[] {
  const path = [...above, name];
  const when = `complete -c pdiff -n ${typed(path)}`;
  return [
    ...facts.options.map((each) => `${when} ${option(each)}`),
    ...(facts.words.length > 0 ? [`${when} -a ${quoted(facts.words.join(" "))}`] : []),
    ...(facts.takesRuns ? [`${when} -a '(__pdiff_runs)' -d 'run folder'`] : []),
    ...(facts.takesSettings ? [`${when} -a '(__pdiff_settings)'`] : []),
    ...facts.subcommands.map((each) => `${when} -a ${each.name} -d ${quoted(each.summary)}`),
    ...facts.subcommands.flatMap((each) => lines(each, path)),
  ];
}

/** A script to be sourced, or to be put into the folder `completions` of fish. */
export function fishScript({ commands, options, keys }: CompletionFacts): string {
  const settings = keys.flatMap(({ path, choices }) => [`${path}=`, ...choices.map((value) => `${path}=${value}`)]);
  return `# Completion of pdiff for fish.
function __pdiff_runs
  for config in runs/*/config.yaml
    dirname $config
  end
end
function __pdiff_settings
  string match -q -- '?*' (commandline -ct); and printf '%s\\n' ${settings.map(quoted).join(" ")}
end
complete -c pdiff -n __fish_use_subcommand -f
${options.map((each) => `complete -c pdiff ${option(each)}`).join("\n")}
${commands.map(({ name, summary }) => `complete -c pdiff -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`).join("\n")}
${commands.flatMap((each) => lines(each)).join("\n")}
${programNames
  .slice(1)
  .map((name) => `complete -c ${name} -w pdiff`)
  .join("\n")}
`;
}

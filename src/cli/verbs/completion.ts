/** `pdiff completion`: prints a script with which a shell completes command lines. */
import { Argument, type Command } from "commander";

import { belowHelp, examples, terminalOf } from "../command.ts";
import { programNames } from "../invocation.ts";
import type { Terminal } from "../terminal/terminal.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("completion")
    .summary("print a script that completes command lines in a shell")
    .description(
      "Print a script that completes commands, options, recipes, run folders and keys of recipes in a shell.",
    )
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText("after", examples("completion bash > ~/.local/share/bash-completion/completions/pdiff"))
    .addHelpText(
      "after",
      belowHelp(
        `\nFor the shell that runs: source <(${programNames[0]} completion bash), the same with zsh, or ${programNames[0]} completion fish | source.`,
      ),
    )
    .action((shell: Shell, _, command: Command) => completion(terminalOf(command), root, shell));
}

async function completion(terminal: Terminal, root: Command, shell: Shell): Promise<void> {
  const { dataSetNames } = await import("../../data/index.ts");
  const { describeNetworks } = await import("../../task-network/index.ts");
  const { listRecipes, recipeKeys } = await import("../../recipe/index.ts");
  const { completionFacts } = await import("../completion/facts.ts");
  const facts = completionFacts(root, {
    recipes: (await listRecipes()).map(({ name }) => name),
    networks: describeNetworks({}).map(({ name }) => name),
    dataSets: dataSetNames,
    keys: recipeKeys()
      .filter(({ isSection }) => !isSection)
      .map(({ path, choices }) => ({ path, choices: choices.map(({ value }) => value) })),
  });
  const scripts = {
    bash: async () => (await import("../completion/bash.ts")).bashScript(facts),
    zsh: async () => (await import("../completion/zsh.ts")).zshScript(facts),
    fish: async () => (await import("../completion/fish.ts")).fishScript(facts),
  };
  const script = await scripts[shell]();
  terminal.result({ shell, script }, () => script.trimEnd());
}

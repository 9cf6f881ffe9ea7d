/** `pdiff recipes`: the experiments that come with the program. */

import type { Command } from "commander";
import { at } from "../../lookup.ts";

import type { RecipeFacts } from "../../recipe/index.ts";
import { examples, terminalOf } from "../command.ts";
import { count } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { table } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("recipes")
    .summary("list the recipes that come with the program")
    .description("List the recipes that come with the program: every experiment of the paper, and our own.")
    .argument("[words...]", "only recipes whose path, data set and network contain all of these")
    .addHelpText("after", examples("recipes", "recipes main food-101", "recipes ablation --json"))
    .action((words: readonly string[], _, command: Command) => recipes(terminalOf(command), words));
}

/** Accuracies as `77.4 / 77.7 / 77.9`, a dash for each that is not known. */
function accuracies({ about }: RecipeFacts, which: "published" | "measured"): string {
  const found = about?.[which];
  if (found === undefined) return "–";
  return [found.original, found.ensemble, found.samples].map((x) => x?.toFixed(1) ?? "–").join(" / ");
}

/** Lists the recipes that contain all words. */
async function recipes(terminal: Terminal, words: readonly string[]): Promise<void> {
  const { listRecipes } = await import("../../recipe/index.ts");
  const found = await listRecipes(words);
  const rows = found.map((facts) => [
    facts.name,
    facts.group,
    facts.data,
    facts.network,
    facts.select,
    count(facts.count),
    accuracies(facts, "published"),
    accuracies(facts, "measured"),
    facts.about?.time?.core ?? "–",
  ]);
  const optional = ["one core", "K", "group", "generated", "network", "data", "published"];
  const header = ["recipe", "group", "data", "network", "generated", "K", "published", "measured", "one core"];
  terminal.result(
    found,
    found.length === 0 ? `no recipe has all of: ${words.join(" ")}` : table([header, ...rows], { optional }),
  );
  if (found.length === 0) return terminal.next(commandLine("recipes"));
  terminal.say("\npublished and measured: original / average of weights / samples, best test accuracy in percent");
  terminal.next(commandLine("run", at(found, 0).name, "--quick"));
}

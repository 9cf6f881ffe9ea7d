/** `pdiff recipes`: the experiments that come with the program. */
import type { RecipeFacts } from "../../recipe/index.ts";
import { count, table } from "../format.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal.ts";

/** Accuracies as `77.4 / 77.7 / 77.9`, a dash for each that is not known. */
function accuracies({ about }: RecipeFacts, which: "published" | "measured"): string {
  const found = about?.[which];
  if (found === undefined) return "–";
  return [found.original, found.ensemble, found.samples].map((x) => x?.toFixed(1) ?? "–").join(" / ");
}

/** Lists recipes, all or those that fit some words. */
export async function recipes(terminal: Terminal, words: readonly string[]): Promise<void> {
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
  const header = ["recipe", "group", "data", "network", "generated", "K", "published", "measured", "one core"];
  terminal.result(found, found.length === 0 ? `no recipe has all of: ${words.join(" ")}` : table([header, ...rows]));
  if (found.length === 0) return terminal.say(`\nnext: ${commandLine("recipes")}`);
  terminal.say("\npublished and measured: original / average of weights / samples, best test accuracy in percent");
  terminal.say(`next: ${commandLine("run", found[0]!.name, "--quick")}`);
}

/** `pdiff networks`: the task networks, and what selections choose of each. */
import type { NetworkFacts } from "../../stages/index.ts";
import { count, list, table } from "../format.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal.ts";

export interface NetworksOptions {
  readonly classes?: number;
  readonly size?: number;
  readonly select?: readonly string[];
}

const inputOf = ({ input: { channels, height, width } }: NetworkFacts): string => `${channels}×${height}×${width}`;

/** Lists all networks, or tells of one. */
export async function networks(
  terminal: Terminal,
  name: string | undefined,
  settings: readonly string[],
  options: NetworksOptions,
): Promise<void> {
  const { describeNetwork, describeNetworks } = await import("../../stages/index.ts");
  if (name === undefined) {
    const all = describeNetworks(options);
    const rows = all.map((facts) => [
      facts.name,
      inputOf(facts),
      count(facts.classes),
      count(facts.parameters),
      facts.subsets["last-norms:2"] === undefined ? "–" : count(facts.subsets["last-norms:2"].count),
      facts.aliases.join(", "),
    ]);
    const header = ["network", "images", "classes", "parameters", "last-norms:2", "also called"];
    terminal.result(all, table([header, ...rows]));
    terminal.say(`\nnext: ${commandLine("networks", all[0]!.name)}`);
    return;
  }
  const facts = describeNetwork(name, { ...options, settings });
  const rows = Object.entries(facts.subsets).map(([selection, { tensors, count: size }]) => [
    selection,
    count(size),
    count(tensors.length),
    tensors.length <= 4 ? tensors.join(" ") : `${tensors.slice(0, 2).join(" ")} … ${tensors.at(-1)}`,
  ]);
  const about = list([
    ["network", [facts.name, ...facts.aliases].join(", also ")],
    ["images", `${inputOf(facts)}, ${count(facts.classes)} classes`],
    ["parameters", count(facts.parameters)],
  ]);
  terminal.result(facts, `${about}\n\n${table([["zoo.select", "numbers", "tensors", ""], ...rows])}`);
}

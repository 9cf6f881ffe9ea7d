/** `pdiff networks`: the task networks, and what selections choose of each. */

import type { Command } from "commander";
import { at } from "../../lookup.ts";

import type { NetworkFacts } from "../../task-network/index.ts";
import { examples, terminalOf, wholeNumber } from "../command.ts";
import { count } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { blocks, list, table } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface NetworksOptions {
  readonly classes?: number;
  readonly size?: number;
  readonly select?: readonly string[];
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("networks")
    .summary("list task networks, or describe one")
    .description("List the task networks: images, parameters, and how many the paper's selections choose.")
    .argument("[name]", "the network to describe; torchvision's names work too")
    .argument("[settings...]", "key=value pairs as in a recipe's network")
    .addOption(wholeNumber("--classes <n>", "number of classes (default: as published)"))
    .addOption(wholeNumber("--size <pixels>", "side of the images (default: as published)"))
    .option("--select <selections...>", "more selections to resolve")
    .addHelpText(
      "after",
      examples(
        "networks",
        "networks resnet18 --classes 100",
        "networks resnet18 stem=cifar --size 32 --select 'layer4.*'",
        "networks vit_b_16 --json",
      ),
    )
    .action((network: string | undefined, settings: readonly string[], options: NetworksOptions, command: Command) =>
      networks(terminalOf(command), network, settings, options),
    );
}

const inputOf = ({ input: { channels, height, width } }: NetworkFacts): string => `${channels}×${height}×${width}`;

/** Lists all networks, or describes one. */
async function networks(
  terminal: Terminal,
  name: string | undefined,
  settings: readonly string[],
  options: NetworksOptions,
): Promise<void> {
  const { describeNetwork, describeNetworks } = await import("../../task-network/index.ts");
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
    terminal.result(all, table([header, ...rows], { optional: ["also called", "classes"] }));
    terminal.next(commandLine("networks", at(all, 0).name));
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
  terminal.result(facts, blocks(about, table([["zoo.select", "numbers", "tensors", ""], ...rows])));
}

/** `pdiff inspect`: what is in a checkpoint, or what differs between several. */

import type { Command } from "commander";
import { at } from "../../lookup.ts";

import type { SetSummary } from "../../zoo/index.ts";
import { examples, terminalOf } from "../command.ts";
import { bytes, count, measure, printable } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { blocks, indented, lines, list, type Text, table } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface InspectOptions {
  readonly key?: string;
  readonly select?: readonly string[];
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("inspect")
    .summary("show a checkpoint, or compare several")
    .description(
      "Show the tensors of a checkpoint (.safetensors, .pth, .pt, .bin, .npz, .npy, .onnx, .zip of Stable-Baselines3, " +
        "or a folder of shards), their statistics and its metadata. Given several, show how they differ and what " +
        "could be generated.",
    )
    .argument("<paths...>", "files, folders or patterns")
    .option("--select <selections...>", "compare only these tensors")
    .option("--key <name>", "which network of each file, where it holds several, such as state_dict_ema")
    .addHelpText(
      "after",
      examples("inspect model.safetensors --json", "inspect 'ckpts/*.pth'", "inspect ckpts --select 'head.*'"),
    )
    .action((paths: readonly string[], options: InspectOptions, command: Command) =>
      inspect(terminalOf(command), paths, options),
    );
}

/** Tensors of a comparison that are listed; all with --json. */
const MAX_LISTED = 25;

/** Shows one checkpoint, or compares several. */
async function inspect(terminal: Terminal, paths: readonly string[], options: InspectOptions): Promise<void> {
  const { checkpointFiles } = await import("../../checkpoints/index.ts");
  const files = await checkpointFiles(paths);
  if (files.length === 1) return inspectOne(terminal, at(files, 0), options);
  return compare(terminal, paths, options);
}

/** Prints the tensors of a file, their statistics and its metadata. */
async function inspectOne(terminal: Terminal, path: string, { key }: InspectOptions): Promise<void> {
  const { inspectFile } = await import("../../checkpoints/index.ts");
  const summary = await inspectFile(path, { key });
  const { format, tensors, parameters, metadata, beside } = summary;
  if (beside.length > 0)
    terminal.warn(`${printable(path)} holds more: ${beside.map((what) => printable(what)).join(", ")}`);
  const number = (value: number | null) => (value === null ? "–" : measure(value));
  const damaged = tensors.some(({ nonFinite }) => nonFinite > 0);
  const header = ["tensor", "type", "shape", "values", "min", "max", "mean", "sd"];
  const rows = tensors.map(({ name, dtype, shape, count: values, min, max, mean, std, nonFinite }) => [
    name,
    dtype,
    shape.length === 0 ? "scalar" : shape.join("×"),
    count(values),
    ...[min, max, mean, std].map(number),
    ...(damaged ? [count(nonFinite)] : []),
  ]);
  const parts: Text[] = [
    `${printable(path)}: ${format}, ${bytes(summary.bytes)}, ${count(parameters)} values in ${count(tensors.length)} tensors`,
  ];
  const pairs = Object.entries(metadata).map(([key, value]) => [printable(key, 40), printable(value)] as const);
  if (pairs.length > 0) parts.push(lines("metadata", indented(list(pairs))));
  if (tensors.length > 0)
    parts.push(table([damaged ? [...header, "not finite"] : header, ...rows], { optional: ["min", "max"] }));
  terminal.result(summary, blocks(...parts));
}

/** Prints what differs between checkpoints, and what could be generated. */
async function compare(terminal: Terminal, paths: readonly string[], { select, key }: InspectOptions): Promise<void> {
  const { inspectSet } = await import("../../zoo/index.ts");
  const summary = await inspectSet(paths, { ...(select && { select }), key });
  for (const note of summary.notes) terminal.warn(note);
  for (const warning of notFiniteTexts(summary)) terminal.warn(warning);
  terminal.result(summary, comparisonText(summary));
  const names = paths.length === 1 ? paths : summary.files;
  terminal.next(commandLine("fit", ...names, "--select", ...summary.suggestion.select.split(",")));
}

/** Says which tensors hold numbers that are not finite, once for all files in which the same do. */
function notFiniteTexts({ notFinite, files }: SetSummary): string[] {
  const byTensors = new Map<string, string[]>();
  for (const { file, tensors } of notFinite) {
    const more = tensors.length > 3 ? ` and ${tensors.length - 3} more` : "";
    const names = `${tensors
      .slice(0, 3)
      .map((name) => printable(name))
      .join(", ")}${more}`;
    byTensors.set(names, [...(byTensors.get(names) ?? []), file]);
  }
  return [...byTensors].map(([names, having]) => {
    const [first = "", second] = having;
    const where =
      second === undefined
        ? printable(first)
        : `${having.length} of ${files.length} checkpoints, such as ${printable(first)}`;
    return `${where}: numbers that are not finite in ${names}`;
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function comparisonText({
  files,
  parameters,
  tensors,
  distance,
  trajectory,
  dimensions,
  duplicates,
  suggestion,
}: SetSummary): Text {
  const facts = list([
    [
      "checkpoints",
      `${count(files.length)}, of one network: ${count(parameters)} numbers in ${count(tensors.length)} tensors`,
    ],
    [
      "distance",
      `${measure(distance.median)} between two of them (median), ${measure(distance.consecutive)} between neighbours${trajectory ? ": checkpoints of one training, it seems" : ""}`,
    ],
    [
      "dimensions",
      `${dimensions.effective.toFixed(1)} effective; ${dimensions.for95} directions hold 95 %, ${dimensions.for99} hold 99 % of what differs`,
    ],
    [
      "duplicates",
      duplicates.length === 0
        ? "none"
        : duplicates
            .slice(0, 3)
            .map(
              ({ files: [a, b], distance: d }) =>
                `${printable(a)} and ${printable(b)}${d === 0 ? "" : ` (${measure(d)})`}`,
            )
            .join("; ") + (duplicates.length > 3 ? `; and ${duplicates.length - 3} more pairs` : ""),
    ],
  ]);
  const listed = tensors.toSorted((a, b) => b.share - a.share).slice(0, MAX_LISTED);
  const rows = listed.map(({ name, shape, count: n, relative, share }) => [
    name,
    shape.length === 0 ? "scalar" : shape.join("×"),
    count(n),
    relative === 0 ? "same" : percent(relative),
    percent(share),
  ]);
  const rest =
    tensors.length > listed.length ? [`… and ${tensors.length - listed.length} more (--json lists all)`] : [];
  const advice = list([
    ["generate", `${suggestion.select} (${suggestion.reason})`],
    [
      "which takes",
      `${count(suggestion.parameters)} numbers; about ${bytes(suggestion.memoryBytes)} of memory and ${bytes(suggestion.diskBytes)} of disk`,
    ],
  ]);
  const shown = table([["tensor", "shape", "values", "spread", "of all that differs"], ...rows]);
  return blocks(facts, lines(shown, ...rest), advice);
}

/** `pdiff data`: lists data sets, downloads them and verifies them. */

import { type Command, Option } from "commander";
import type { GetEvent } from "../../data/index.ts";
import { Interrupted, UserError } from "../../errors.ts";
import { at, given } from "../../lookup.ts";
import { examples, terminalOf } from "../command.ts";
import { Stopped } from "../failure.ts";
import { bytes, clock, count } from "../format.ts";
import { listenForStop } from "../interrupt.ts";
import { commandLine, commandToContinue } from "../invocation.ts";
import { table } from "../terminal/layout.ts";
import { pace } from "../terminal/pace.ts";
import type { LiveLine } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface DataCommandOptions {
  /** The data folder; by default `PDIFF_DATA`, or `data`. */
  readonly root?: string;
  readonly force?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  const data = root
    .command("data")
    .summary("list, get and verify data sets")
    .description("List the data sets, download them from their publishers, and verify them.")
    .addHelpText("after", examples("data list", "data get cifar-10 svhn --root ~/data", "data verify cifar-10"));
  const rootOption = () => new Option("--root <folder>", "the data folder (default: PDIFF_DATA, or data)");
  data
    .command("list")
    .description("List the data sets, and which of them are here.")
    .addOption(rootOption())
    .action((options: DataCommandOptions, command: Command) => list(terminalOf(command), options));
  data
    .command("get")
    .description("Download, check and unpack data sets. Run it again to resume.")
    .argument("<names...>", "such as cifar-10; data list names them")
    .addOption(rootOption())
    .option("--force", "download again what is here")
    .action((names: readonly string[], options: DataCommandOptions, command: Command) =>
      get(terminalOf(command), names, options),
    );
  data
    .command("verify")
    .description("Check whether data sets are as published.")
    .argument("<names...>", "such as cifar-10")
    .addOption(rootOption())
    .action((names: readonly string[], options: DataCommandOptions, command: Command) =>
      verify(terminalOf(command), names, options),
    );
}

/** The data folder. */
async function rootOf({ root }: DataCommandOptions): Promise<string> {
  const { dataRoot, USUAL_ROOT } = await import("../../data/index.ts");
  return root ?? dataRoot() ?? USUAL_ROOT;
}

/** Lists all data sets and whether they are here. */
async function list(terminal: Terminal, options: DataCommandOptions): Promise<void> {
  const { listDataSets } = await import("../../data/index.ts");
  const root = await rootOf(options);
  const found = listDataSets(root);
  const rows = found.map(({ name, images, classes, download, state, terms }) => [
    name,
    count(images),
    count(classes),
    download === undefined ? "–" : bytes(download),
    state,
    terms,
  ]);
  terminal.result(
    { root, sets: found },
    table([["data set", "images", "classes", "download", "state", "terms"], ...rows], {
      optional: ["classes", "images"],
    }),
  );
  const next = found.find(({ state, download }) => state === "not here" && download !== undefined);
  terminal.say(`\nfolder  ${root}`);
  terminal.next(next === undefined ? commandLine("recipes") : commandLine("data", "get", next.name));
}

/** Downloads and unpacks sets. */
async function get(terminal: Terminal, names: readonly string[], options: DataCommandOptions): Promise<void> {
  const { getDataSet, remoteSet } = await import("../../data/index.ts");
  const { liveLine } = await import("../terminal/progress.ts");
  const root = await rootOf(options);
  const sets = names.map(remoteSet);
  const folders: string[] = [];
  for (const set of sets) {
    terminal.say(`${set.name}  terms: ${set.terms}`);
    const progress = followDownload(terminal, liveLine(terminal));
    const stop = listenForStop({ onStop: () => terminal.say("stopping; what is downloaded is kept") });
    try {
      const { force = false } = options;
      folders.push(await getDataSet(set, { root, force, signal: stop.signal, emit: progress.emit }));
    } catch (error) {
      if (!(error instanceof Interrupted) || stop.exitCode === undefined) throw error;
      throw new Stopped(`continue with: ${commandToContinue()}`, stop.exitCode);
    } finally {
      progress.close();
      stop.release();
    }
    terminal.say(`${set.name}  in ${folders.at(-1)}`);
  }
  terminal.result({ root, folders }, folders.join("\n"));
  const where = process.env.PDIFF_DATA === root || root === "data" ? "" : `PDIFF_DATA=${root} `;
  terminal.next(where + commandLine("recipes", at(sets, 0).name));
}

/** Verifies data sets that are here. */
async function verify(terminal: Terminal, names: readonly string[], options: DataCommandOptions): Promise<void> {
  const { remoteSet, verifyDataSet } = await import("../../data/index.ts");
  const root = await rootOf(options);
  const found: Record<string, string[]> = {};
  for (const name of names) found[name] = await verifyDataSet(remoteSet(name), root);
  const lines = Object.entries(found).map(
    ([name, wrong]) => `${name}  ${wrong.length === 0 ? "as published" : wrong.join("; ")}`,
  );
  terminal.result({ root, problems: found }, lines.join("\n"));
  const bad = Object.keys(found).filter((name) => given(found[name]).length > 0);
  if (bad.length > 0)
    throw new UserError(
      "E_DATA",
      `${bad.join(", ")} is not as published; download again: pdiff data get ${bad.join(" ")} --force`,
    );
}

/** Seconds between two plain lines. */
const QUIET_SECONDS = 10;

/** Shows a download: one rewritten line on a terminal, a line every ten seconds elsewhere. */
function followDownload(
  terminal: Terminal,
  live: (LiveLine & { close(): void }) | undefined,
): { emit: (event: GetEvent) => void; close: () => void } {
  const now = () => performance.now() / 1000;
  let file = "";
  let speed = pace();
  let shown = now();
  return {
    emit(event) {
      if (event.type === "there") return terminal.say(`${event.folder} is here already, as published`);
      if (event.type === "unpacking") {
        live?.clear();
        return terminal.say(`unpacking ${event.file}`);
      }
      if (event.file !== file) [file, speed] = [event.file, pace()];
      speed.observe(event.done, now());
      if (now() - shown < (live === undefined ? QUIET_SECONDS : 0.1)) return;
      shown = now();
      const { done, total } = event;
      const rest =
        total === undefined || speed.perStep === undefined ? "" : `  eta ${clock((total - done) * speed.perStep)}`;
      const share = total === undefined ? "" : ` of ${bytes(total)} ${Math.floor((100 * done) / total)}%`;
      const text = `${file}  ${bytes(done)}${share}${rest}`;
      if (live === undefined) terminal.say(text);
      else live.update(text);
    },
    close: () => live?.close(),
  };
}

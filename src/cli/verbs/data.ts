/** `pdiff data`: which data sets there are, getting them, and checking them. */
import type { GetEvent } from "../../data/index.ts";
import { Interrupted, UserError } from "../../errors.ts";
import { Stopped } from "../failure.ts";
import { bytes, clock, count, table } from "../format.ts";
import { listenForStop } from "../interrupt.ts";
import { commandLine, commandToContinue } from "../invocation.ts";
import { pace } from "../pace.ts";
import { liveLine } from "../progress.ts";
import type { Terminal } from "../terminal.ts";

export interface DataCommandOptions {
  /** The data folder; `PDIFF_DATA`, or `data`, where nothing is said. */
  readonly root?: string;
  readonly force?: boolean;
}

/** Where nobody said where data are, they go here. */
async function rootOf({ root }: DataCommandOptions): Promise<string> {
  const { dataRoot, USUAL_ROOT } = await import("../../data/index.ts");
  return root ?? dataRoot() ?? USUAL_ROOT;
}

/** Lists all data sets and whether they are here. */
export async function list(terminal: Terminal, options: DataCommandOptions): Promise<void> {
  const { listDataSets } = await import("../../data/index.ts");
  const root = await rootOf(options);
  const found = listDataSets(root);
  const rows = found.map(({ name, images, classes, download, state, terms }) => [
    ...[name, count(images), count(classes)],
    ...[download === undefined ? "–" : bytes(download), state, terms],
  ]);
  terminal.result(
    { root, sets: found },
    table([["data set", "images", "classes", "download", "state", "terms"], ...rows]),
  );
  const next = found.find(({ state, download }) => state === "not here" && download !== undefined);
  terminal.say(`\nfolder  ${root}`);
  terminal.say(`next: ${next === undefined ? commandLine("recipes") : commandLine("data", "get", next.name)}`);
}

/** Downloads and unpacks sets. */
export async function get(terminal: Terminal, names: readonly string[], options: DataCommandOptions): Promise<void> {
  const { getDataSet, remoteSet } = await import("../../data/index.ts");
  const root = await rootOf(options);
  const sets = names.map(remoteSet);
  const folders: string[] = [];
  for (const set of sets) {
    terminal.say(`${set.name}  terms: ${set.terms}`);
    const progress = followDownload(terminal);
    const stop = listenForStop({ onStop: () => terminal.say("stopping; what is downloaded is kept") });
    try {
      const { force = false } = options;
      folders.push(await getDataSet(set, { root, force, signal: stop.signal, emit: progress.emit }));
    } catch (error) {
      if (!(error instanceof Interrupted) || stop.exitCode === undefined) throw error;
      throw new Stopped(`continue with: ${commandToContinue(process.argv.slice(2))}`, stop.exitCode);
    } finally {
      progress.close();
      stop.release();
    }
    terminal.say(`${set.name}  in ${folders.at(-1)}`);
  }
  terminal.result({ root, folders }, folders.join("\n"));
  const where = process.env.PDIFF_DATA === root || root === "data" ? "" : `PDIFF_DATA=${root} `;
  terminal.say(`\nnext: ${where}${commandLine("recipes", sets[0]!.name)}`);
}

/** Checks sets that are here. */
export async function verify(terminal: Terminal, names: readonly string[], options: DataCommandOptions): Promise<void> {
  const { remoteSet, verifyDataSet } = await import("../../data/index.ts");
  const root = await rootOf(options);
  const found: Record<string, string[]> = {};
  for (const name of names) found[name] = await verifyDataSet(remoteSet(name), root);
  const lines = Object.entries(found).map(
    ([name, wrong]) => `${name}  ${wrong.length === 0 ? "as published" : wrong.join("; ")}`,
  );
  terminal.result({ root, problems: found }, lines.join("\n"));
  const bad = Object.keys(found).filter((name) => found[name]!.length > 0);
  if (bad.length > 0)
    throw new UserError(
      "E_DATA",
      `${bad.join(", ")} cannot be used as it is; get it again: pdiff data get ${bad.join(" ")} --force`,
    );
}

/** Seconds between two plain lines. */
const QUIET_SECONDS = 10;

/** Shows a download: one line rewritten on a terminal, a line now and then elsewhere. */
function followDownload(terminal: Terminal): { emit: (event: GetEvent) => void; close: () => void } {
  const live = liveLine(terminal);
  const now = () => performance.now() / 1000;
  let file = "";
  let speed = pace();
  let shown = now();
  return {
    emit(event) {
      if (event.type === "there") return terminal.say(`${event.folder} is there already, as published`);
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

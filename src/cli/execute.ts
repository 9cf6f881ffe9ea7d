/** Runs stages for a command: shows progress, handles Ctrl-C, and prints the results. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { VerdictName } from "../records/index.ts";
import type { RunOptions } from "../stages/index.ts";
import { Stopped } from "./failure.ts";
import { listenForStop } from "./interrupt.ts";
import { commandLine, commandToContinue } from "./invocation.ts";
import { blocks, hanging, list } from "./terminal/layout.ts";
import type { PlannedSeconds } from "./terminal/run-clock.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What runs, and how long it should take. */
export interface ExecuteOptions extends Omit<RunOptions, "emit" | "signal"> {
  /** Seconds of each stage by the run's plan; planned here by default. */
  readonly planned?: PlannedSeconds;
}

/**
 * Runs stages to their end, and shows their progress.
 * @throws Stopped when the user stopped the run and everything is saved.
 */
export async function execute(terminal: Terminal, { planned, ...options }: ExecuteOptions): Promise<void> {
  await confirmCommand(terminal, options);
  const { planFolder, runPipeline } = await import("../stages/index.ts");
  // What cannot be planned is refused with its reason when it is run.
  const seconds = planned ?? (await planFolder(options.recipe, options.folder).catch(() => undefined))?.stages;
  await watch(terminal, (listener) => runPipeline({ ...options, ...listener }), seconds);
}

/**
 * Does work that goes on when it is started again, and shows its progress.
 * @param planned seconds of its stages, where they are known.
 * @throws Stopped when the user stopped it and everything is saved.
 */
export async function watch<T>(
  terminal: Terminal,
  work: (listener: Required<Pick<RunOptions, "emit" | "signal">>) => Promise<T>,
  planned: PlannedSeconds = {},
): Promise<T> {
  const { Interrupted } = await import("../errors.ts");
  const { progressOn } = await import("./terminal/progress.ts");
  const progress = progressOn(terminal, planned);
  const stop = listenForStop({
    onStop: () => progress.say("stopping after this step; press Ctrl-C again to stop at once"),
  });
  try {
    return await work({ emit: progress.emit, signal: stop.signal });
  } catch (error) {
    if (!(error instanceof Interrupted) || stop.exitCode === undefined) throw error;
    throw new Stopped(`saved; continue with: ${commandToContinue()}`, stop.exitCode);
  } finally {
    progress.close();
    stop.release();
  }
}

/** Asks, on a terminal, whether to run a command that the user has not typed on this machine. */
export async function confirmCommand(
  terminal: Terminal,
  options: Pick<RunOptions, "recipe" | "stages" | "allowCommand">,
): Promise<void> {
  if (options.allowCommand || !terminal.canAsk) return;
  const { commandOf } = await import("../stages/index.ts");
  const { isTrusted, trustCommand } = await import("../metric/index.ts");
  const command = commandOf(options);
  if (command === undefined || (await isTrusted(command))) return;
  const { showWhole } = await import("../show.ts");
  terminal.warn(`the recipe runs a command that was not typed on this machine: ${showWhole(command)}`);
  if (await terminal.ask("Run it, now and later? [y/N] ")) await trustCommand(command);
}

/**
 * Prints the last screen: the results if there are any, the folder, and the next command.
 * @param next the next command; after the last stage none, but what the verdict suggests.
 */
export async function conclude(terminal: Terminal, folder: string, next: string | undefined): Promise<void> {
  const { resultsText } = await import("./summary.ts");
  const { readAudit, readResults } = await import("../run/index.ts");
  const results = await readResults(folder);
  const audit = await readAudit(folder);
  const page = join(folder, "report.html");
  const report = existsSync(page) ? page : undefined;
  const places: [string, string][] = [["folder", folder]];
  if (report !== undefined) places.push(["report", terminal.link(report)]);
  terminal.say("");
  terminal.result(
    {
      folder,
      report: report ?? null,
      results: results ?? null,
      audit: audit ?? null,
      warnings: terminal.warnings,
    },
    blocks(...(await resultsText(results, audit)), list(places)),
  );
  if (next !== undefined) return terminal.next(next);
  if (report !== undefined) terminal.next(`open ${report} in a browser`);
  if (audit !== undefined) await suggest(terminal, folder, audit.verdict.name);
}

/** Says what to try after a verdict. */
async function suggest(terminal: Terminal, folder: string, verdict: VerdictName): Promise<void> {
  const { hintOf } = await import("./next-hint.ts");
  const { openRun } = await import("../stages/index.ts");
  const { dataRoot, hasData } = await import("../data/index.ts");
  const { recipe } = await openRun(folder);
  const { purpose, command } = hintOf(verdict, { recipe, folder, hasMnist: hasData({ name: "mnist" }, dataRoot()) });
  terminal.say(hanging("try:  ", purpose));
  if (command !== undefined) terminal.say(() => `      ${commandLine(...command)}`);
}

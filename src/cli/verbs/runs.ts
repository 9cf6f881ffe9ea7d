/** `pdiff runs`: the runs in a folder and how far they got. */
import type { Command } from "commander";

import { examples, terminalOf } from "../command.ts";
import { commandLine } from "../invocation.ts";
import { table } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("runs")
    .summary("list runs")
    .description("List the runs in a folder: state, current stage, accuracy of the samples and verdict.")
    .argument("[root]", "the folder that holds the run folders", "runs")
    .addHelpText("after", examples("runs", "runs /data/runs --json"))
    .action((folder: string, _, command: Command) => runs(terminalOf(command), folder));
}

const percent = (fraction: number | undefined): string => (fraction === undefined ? "–" : (100 * fraction).toFixed(2));

/** Lists the runs, newest first. */
async function runs(terminal: Terminal, root: string): Promise<void> {
  const { listRuns } = await import("../../run/index.ts");
  const found = (await listRuns(root)).toSorted((a, b) => b.updated.localeCompare(a.updated));
  const rows = found.map(({ name, state, stage, updated, samples, verdict, folder }) => [
    name,
    state,
    stage,
    updated.replace("T", " ").replace(/(:\d\d)?(\.\d+)?Z$/, ""),
    percent(samples?.mean),
    percent(samples?.best),
    verdict ?? "–",
    folder,
  ]);
  const header = [
    "run",
    "state",
    "stage",
    "updated (UTC)",
    "samples: mean %",
    "best by selection %",
    "verdict",
    "folder",
  ];
  terminal.result(
    found,
    found.length === 0
      ? `no runs in ${root}`
      : table([header, ...rows], { optional: ["updated (UTC)", "samples: mean %", "run", "stage"] }),
  );
  if (found.length === 0) terminal.next(commandLine("run", "glyphs-cnn"));
}

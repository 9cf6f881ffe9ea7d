/** `pdiff verify`: compares every file of a run with its checksum. */
import type { Command } from "commander";

import { examples, runArgument, terminalOf } from "../command.ts";
import { bytes, count, printable } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { blocks, list, table } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("verify")
    .summary("check that no file of a run is damaged")
    .description(
      "Compare every file of a run with its checksum, in one pass. What is damaged is named, with how to make it again.",
    )
    .addArgument(runArgument())
    .addHelpText("after", examples("verify runs/glyphs-cnn", "verify runs/glyphs-cnn --json"))
    .action((run: string, _, command: Command) => verify(terminalOf(command), run));
}

async function verify(terminal: Terminal, run: string): Promise<void> {
  const { UserError } = await import("../../errors.ts");
  const { holderText, lockHolder } = await import("../../files/index.ts");
  const { existingRun, verifyRun } = await import("../../run/index.ts");
  const p = await existingRun(run);
  const holder = await lockHolder(p.lock);
  if (holder !== undefined)
    throw new UserError("E_RUN", `${holderText(holder)} is at work in ${p.folder}; wait for it, or stop it`);
  const found = await verifyRun(p);
  const { files, damage, unrecorded } = found;
  const facts = list([
    ["folder", p.folder],
    ["checked", `${count(files)} files, ${bytes(found.bytes)}`],
    ["damaged", damage.length === 0 ? "none" : count(damage.length)],
  ]);
  const rows = damage.map(({ file, problem, redo }) => [printable(file), problem, redo]);
  terminal.result(
    { folder: p.folder, ...found },
    rows.length === 0 ? facts : blocks(facts, table([["file", "problem", "what to do"], ...rows])),
  );
  if (unrecorded.length > 0)
    terminal.warn(
      `no checksums are known of ${unrecorded.join(", ")}: the run was made by an earlier version, or copied in part`,
    );
  if (damage.length > 0) {
    process.exitCode = 1;
    return;
  }
  terminal.next(commandLine("run", p.folder));
}

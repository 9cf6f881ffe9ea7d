/** `pdiff import`: unpacks a run that `pdiff export --archive` packed. */
import type { Command } from "commander";

import { examples, runOption, terminalOf } from "../command.ts";
import { printable } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { list } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("import")
    .summary("unpack a run that was exported as an archive")
    .description("Unpack the archive of a run into a new folder, to continue from there.")
    .argument("<archive>", "a run.tar that export --archive wrote")
    .addOption(runOption("the run folder to create").makeOptionMandatory())
    .addHelpText("after", examples("import away/run.tar --run runs/head"))
    .action((archive: string, { run }: { readonly run: string }, command: Command) =>
      importRun(terminalOf(command), archive, run),
    );
}

async function importRun(terminal: Terminal, archive: string, folder: string): Promise<void> {
  const { paths, unpackRun, verifyRun } = await import("../../run/index.ts");
  const { outsideOf } = await import("../../recipe/index.ts");
  const { openRun } = await import("../../stages/index.ts");
  await unpackRun(archive, folder);
  const { recipe } = await openRun(folder);
  const outside = outsideOf(recipe);
  const { damage } = await verifyRun(paths(folder));
  terminal.result(
    { folder, outside, damage },
    list([
      ["folder", folder],
      ...outside.map(({ key, value }): [string, string] => ["outside", `${key}: ${printable(value)}`]),
    ]),
  );
  for (const { file, problem, redo } of damage) terminal.warn(`${printable(file)} ${problem}; ${redo}`);
  if ("measure" in recipe && recipe.measure.command !== null)
    terminal.say(
      "\nThe run evaluates networks by the command above. It comes from the archive: read it before you allow it.",
    );
  terminal.next(commandLine("run", folder));
}

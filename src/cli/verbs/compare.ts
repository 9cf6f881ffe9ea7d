/** `pdiff compare`: several runs side by side, in the terminal and as a page. */
import type { Command } from "commander";

import type { Change } from "../../recipe/index.ts";
import { examples, terminalOf } from "../command.ts";
import { commandLine } from "../invocation.ts";
import { blocks, lines, table } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Differences of one recipe that the terminal lists. */
const MAX_SHOWN = 12;

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("compare")
    .summary("set several runs side by side")
    .description(
      "Compare runs: the verdict and the key numbers of each, and what differs between their recipes. With --to, also a page with their scores against distance in one figure.",
    )
    .argument("<runs...>", "two run folders or more, such as runs/glyphs-cnn runs/linear")
    .option("--to <file.html>", "write the comparison as a page too")
    .addHelpText(
      "after",
      examples(
        "compare runs/glyphs-cnn runs/linear",
        "compare runs/* --to comparison.html  also a page, with the figure",
        "compare runs/a runs/b --json",
      ),
    )
    .action((runs: readonly string[], options: { to?: string }, command: Command) =>
      compare(terminalOf(command), runs, options),
    );
}

async function compare(terminal: Terminal, folders: readonly string[], { to }: { to?: string }): Promise<void> {
  const [{ UserError }, { changesOf, changeText }, { readAudit }, { openRun }, report] = await Promise.all([
    import("../../errors.ts"),
    import("../../recipe/index.ts"),
    import("../../run/index.ts"),
    import("../../stages/index.ts"),
    import("../../report/index.ts"),
  ]);
  if (folders.length < 2 || folders.length > report.MAX_COMPARED)
    throw new UserError("E_USAGE", `compare takes 2 to ${report.MAX_COMPARED} runs (got ${folders.length})`);
  if (to !== undefined && !/\.html?$/i.test(to))
    throw new UserError("E_USAGE", `--to takes a file whose name ends with .html (got ${to})`);
  const names = namesOf(folders);
  const opened = [];
  for (const [i, folder] of folders.entries()) {
    const { recipe } = await openRun(folder);
    opened.push({ folder, name: names[i] ?? folder, recipe, audit: await readAudit(folder) });
  }
  const [first, ...others] = opened;
  const differences = others.map(({ name, recipe }) => ({
    name,
    changes: changesOf(first?.recipe, recipe).filter(({ key }) => key !== "name"),
  }));
  const { columns, rows } = report.comparisonTable(opened);
  const verdicts = table([["run", ...columns], ...rows.map(({ name, cells }) => [name, ...cells])], {
    optional: ["originals", "held-out", "nearer to seen", "repeat an original"],
  });
  const recipes = differences.map(({ name, changes }) =>
    lines(
      `${name} against ${first?.name ?? ""}: ${changes.length === 0 ? "the same recipe" : ""}`.trim(),
      ...shown(changes, changeText),
    ),
  );
  if (to !== undefined) {
    const { writeAtomic } = await import("../../files/index.ts");
    const texts = differences.map(({ name, changes }) => ({ name, changes: changes.map(changeText) }));
    await writeAtomic(to, await report.renderComparison({ runs: opened, differences: texts }));
  }
  const json = opened.map(({ folder, audit }, i) => ({
    folder,
    verdict: audit?.verdict ?? null,
    metric: audit?.metric ?? null,
    samples: audit?.groups.find(({ family }) => family === "samples")?.score?.mean ?? null,
    heldOut: audit?.groups.find(({ family }) => family === "heldOut")?.score?.mean ?? null,
    distance: audit?.groups.find(({ family }) => family === "samples")?.distance ?? null,
    excess: audit?.excess[0] ?? null,
    copies: audit?.copying.copies ?? null,
    pull: audit?.copying.pull ?? null,
    /** Against the first run. */
    changes: i === 0 ? [] : (differences[i - 1]?.changes ?? []),
  }));
  terminal.result(
    { runs: json, page: to ?? null },
    blocks(verdicts, ...recipes, ...(to === undefined ? [] : [`page  ${terminal.link(to)}`])),
  );
  for (const { folder, audit } of opened)
    if (audit === undefined) terminal.next(commandLine("audit", folder), `${folder} is not audited yet`);
}

function shown(changes: readonly Change[], text: (change: Change) => string): string[] {
  const listed = changes.slice(0, MAX_SHOWN).map((change) => `  ${text(change)}`);
  const left = changes.length - listed.length;
  return left > 0 ? [...listed, `  and ${left} more (--json or --to shows all)`] : listed;
}

/** The last parts of the folders' paths, as many as tell them apart. */
function namesOf(folders: readonly string[]): string[] {
  const parts = folders.map((folder) => folder.split(/[\\/]+/).filter((part) => part !== ""));
  const ending = (length: number) => parts.map((part) => part.slice(-length).join("/"));
  const longest = Math.max(...parts.map(({ length }) => length));
  for (let length = 1; length < longest; length++) {
    const names = ending(length);
    if (new Set(names).size === names.length) return names;
  }
  return [...folders];
}

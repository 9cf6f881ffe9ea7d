import { existsSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import type { Audit } from "../../records/index.ts";
import { from, writeNetworks } from "../../stages/checkpoint-world.fixture.ts";
import { buildProgram } from "../program.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let root: string;
let files: readonly string[];
beforeAll(async () => {
  root = folders.make();
  const originals = await writeNetworks(join(root, "a"), from(0, 12));
  const samples = await writeNetworks(join(root, "c"), from(0, 6));
  const heldOut = await writeNetworks(join(root, "b"), from(100, 8));
  files = ["--originals", originals, "--samples", `${samples}/*`, "--held-out", heldOut];
});

/** Runs a command line in this process; what it printed on stdout, as JSON. */
async function pdiff(...words: readonly string[]): Promise<unknown> {
  const printed: string[] = [];
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    await buildProgram().parseAsync([...words, "--json"], { from: "user" });
  } finally {
    out.mockRestore();
  }
  return JSON.parse(printed.join(""));
}

describe("pdiff audit", () => {
  it("audits files of another generator in a run of their own, and that run again as one stage", async () => {
    const folder = join(root, "run");
    const words = ["audit", ...files, "audit.draws=3", "--run", folder];
    const { audit, report } = (await pdiff(...words)) as { audit: Audit; report: string };
    expect(audit.verdict).toMatchObject({ name: "replica", rule: expect.stringContaining("6 of 6 samples repeat") });
    expect(report).toBe(join(folder, "report.html"));
    expect(await pdiff("audit", folder, "--force")).toMatchObject({ folder, audit: { verdict: audit.verdict } });
  });

  it("prints the plan with --dry-run, and makes nothing", async () => {
    const folder = join(root, "plan");
    const plan = await pdiff("audit", ...files, "--select", "head.*", "seed=2", "--run", folder, "--dry-run");
    expect(plan).toMatchObject({ folder, recipe: { seed: 2, zoo: { select: ["head.*"] }, sample: { count: 6 } } });
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    [["--samples", "c"], /--samples needs --originals/],
    [["--originals", "a"], /--originals needs --samples/],
    [["--held-out", "b"], /--held-out needs --originals and --samples/],
    [["RUN", "--network", "mlp"], /--network needs --originals and --samples/],
    [["RUN", "--originals", "a", "--samples", "c"], /got the run folder \S*run and --originals, expected one of them/],
    [["--orignals", "a"], /unknown option '--orignals' \(Did you mean --originals\?\)/],
    [["oops", "--originals", "a", "--samples", "c"], /expected key=value, as in seed=2, got "oops"/],
    [["a", "b"], /got 2 words, expected a run folder, or --originals and --samples/],
    [[], /nothing to audit, expected a run folder, or --originals and --samples/],
  ] as const)("refuses %j", async (words, message) => {
    const named = words.map((word) => (word === "RUN" ? join(root, "run") : word));
    await expect(pdiff("audit", ...named)).rejects.toMatchObject({
      code: "E_USAGE",
      message: expect.stringMatching(message),
    });
  });
});

import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { writeSafetensors } from "../../checkpoints/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { archiveRun } from "../../run/index.ts";
import { recipeForCheckpoints, runPipeline } from "../../stages/index.ts";
import { call, program } from "../spawn.fixture.ts";

const COMMAND = "touch PWNED; echo 1 # {checkpoint}";

let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "pdiff-import-"));
  const ckpts = join(cwd, "ckpts");
  mkdirSync(ckpts);
  for (let k = 0; k < 8; k++)
    await writeSafetensors(join(ckpts, `${k}.safetensors`), [
      { name: "w", shape: [6], data: normal(foldIn(key(1), k), 6) },
    ]);
  const overrides = [
    "zoo.count=6",
    "zoo.heldOut=2",
    "diffusion.training.steps=5",
    "sample.count=3",
    "audit.baselines=[average:2]",
    "audit.draws=3",
  ];
  const { recipe } = await recipeForCheckpoints({ checkpoints: ckpts, command: COMMAND, overrides });
  await runPipeline({ recipe, folder: join(cwd, "sent"), stages: ["collect", "fit", "sample"] });
  await archiveRun(join(cwd, "sent"), join(cwd, "sent.tar"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const pdiff = (...words: readonly string[]) =>
  call(program, words, { cwd, env: { XDG_CONFIG_HOME: join(cwd, "settings") } });

describe("pdiff import", () => {
  it("lists what the run reaches outside, and the command runs only once it is allowed", async () => {
    const imported = await pdiff("import", "sent.tar", "--run", "got");
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining(`measure.command: ${COMMAND}`) });
    expect(imported.stderr).toContain("read it before you allow it");

    const planned = await pdiff("run", "got", "--dry-run");
    expect(planned).toMatchObject({ code: 2, stdout: expect.stringContaining(COMMAND) });
    expect(planned.stderr).toContain("was not typed on this machine");

    for (const words of [
      ["run", "got"],
      ["evaluate", "got"],
      ["audit", "got"],
    ]) {
      const refused = await pdiff(...words);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("was not typed on this machine") });
      expect(refused.stderr).toContain(COMMAND);
    }
    expect(existsSync(join(cwd, "PWNED"))).toBe(false);

    expect((await pdiff("evaluate", "got", "--allow-command")).code).toBe(0);
    expect(existsSync(join(cwd, "PWNED"))).toBe(true);
    // It is remembered.
    expect((await pdiff("audit", "got")).code).toBe(0);
  }, 120_000);
});

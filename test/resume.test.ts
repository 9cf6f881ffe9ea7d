/** Runs that are stopped or killed and continued end with the same bytes as runs that are not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Interrupted } from "../src/errors.ts";
import { integers, key } from "../src/random/index.ts";
import type { RunEvent } from "../src/run/index.ts";
import { startRun } from "./support/child.ts";
import { isThorough, itThoroughly } from "./support/thorough.ts";
import { fingerprint, run, stages, temporaryFolders, tinyLinear, tinyRecipe } from "./support/tiny-run.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const statusOf = (folder: string) => JSON.parse(readFileSync(join(folder, "status.json"), "utf8"));

const kinds: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "a trajectory and a network's latents": {},
  "a checkpoint every epoch, of the last layer": {
    ...tinyLinear,
    zoo: { count: 6, batch: 100, every: "epoch", select: "last-layers:1" },
  },
  "separate trainings and linear latents": { ...tinyLinear, zoo: { kind: "seeds", count: 5 } },
};

/** The kind that differs from the first in nothing but its zoo. */
const ALIKE = "a checkpoint every epoch, of the last layer";
const isTried = (kind: string) => isThorough || kind !== ALIKE;

/** The audit as well: it goes on from the predictions and draws that it has. */
const audited = [...stages, "audit"] as const;

/** Without and with the audit. */
let whole: Record<string, Record<string, string>>;
let wholeAudited: Record<string, Record<string, string>>;
beforeAll(async () => {
  whole = {};
  wholeAudited = {};
  for (const [kind, parts] of Object.entries(kinds).filter(([kind]) => isTried(kind))) {
    const folder = folders.make();
    await run(folder, { recipe: tinyRecipe(parts), saveEveryMs: 10_000 });
    whole[kind] = fingerprint(folder);
    await run(folder, { recipe: tinyRecipe(parts), stages: audited });
    wholeAudited[kind] = fingerprint(folder);
  }
});

describe.each(Object.entries(kinds))("a run of %s", (kind, parts) => {
  const recipe = tinyRecipe(parts);

  it.skipIf(!isTried(kind))("makes the same bytes again", async () => {
    const folder = folders.make();
    await run(folder, { recipe, stages: audited });
    expect(fingerprint(folder)).toEqual(wholeAudited[kind]);
  });

  it.skipIf(!isTried(kind))("makes other bytes from another seed", async () => {
    const folder = folders.make();
    await run(folder, { recipe: { ...recipe, seed: 2 } });
    const other = fingerprint(folder);
    for (const file of ["zoo/0001.safetensors", "generator/denoiser.safetensors", "samples/0001.safetensors"])
      expect(other[file], file).not.toBe(whole[kind]![file]);
  });

  (kind === "separate trainings and linear latents" ? it : itThoroughly)(
    "that is stopped over and over makes the same bytes",
    async () => {
      const folder = folders.make();
      const stopped = new Set<string>();
      for (let sitting = 0; ; sitting++) {
        expect(sitting).toBeLessThan(60);
        const controller = new AbortController();
        let steps = 0;
        const emit = (event: RunEvent) => {
          // What of the audit cannot go on from where it was takes some steps more.
          if (event.type !== "progress" || ++steps < (event.stage === "audit" ? 40 : 9)) return;
          stopped.add(event.stage);
          controller.abort();
        };
        const options = { recipe, stages: audited, emit, signal: controller.signal };
        const error = await run(folder, options).catch((error: unknown) => error);
        if (error === undefined) break;
        expect(error).toBeInstanceOf(Interrupted);
        expect(statusOf(folder).state).toBe("interrupted");
      }
      expect([...stopped]).toEqual(expect.arrayContaining(["collect", "fit", "sample", "audit"]));
      expect(statusOf(folder).state).toBe("done");
      expect(fingerprint(folder)).toEqual(wholeAudited[kind]);
    },
  );
});

describe("a run that is stopped", () => {
  const kind = "a trajectory and a network's latents";
  let all = 0;
  beforeAll(() => run(folders.make(), { emit: ({ type }) => void (type === "progress" && all++) }));

  const goesOn = async (stop: number) => {
    const folder = folders.make();
    const controller = new AbortController();
    let steps = 0;
    const emit = (event: RunEvent) => {
      if (event.type === "progress" && ++steps === stop) controller.abort();
    };
    await expect(run(folder, { emit, signal: controller.signal })).rejects.toThrow(Interrupted);
    await run(folder, { emit });
    // Nothing is done twice but the task that evaluation was stopped in.
    expect(steps).toBeLessThanOrEqual(all + 1);
    expect(fingerprint(folder)).toEqual(whole[kind]);
  };
  // The first step, the last of each piece of work, and one in the evaluation.
  const name = "at step %i of all its work goes on from there";
  it.each([44])(name, goesOn);
  itThoroughly.each([1, 12, 24, 69, 89, 92])(name, goesOn);

  it("before it began has done nothing, and is done by the same call", async () => {
    const folder = folders.make();
    await expect(run(folder, { signal: AbortSignal.abort() })).rejects.toThrow(Interrupted);
    await run(folder);
    expect(fingerprint(folder)).toEqual(whole[kind]);
  });
});

describe("a run whose process is killed", () => {
  const kind = "a trajectory and a network's latents";
  const tasks = [
    ...["training the network", "collecting checkpoints", "training the autoencoder"],
    ...["training the denoiser", "denoising", "evaluating networks"],
  ];

  /** Every second piece of work; all with the thorough tests. */
  const killed = tasks.filter((_, i) => isThorough || i % 2 === 1);

  it("at random moments of its work makes the same bytes when it is continued", async () => {
    const folder = folders.make();
    const steps = integers(key(7), tasks.length, 2);
    const delays = integers(key(9), tasks.length, 4);
    for (const [i, task] of killed.entries()) {
      const orders = { folder, parts: kinds[kind]!, task, step: 1 + steps[i]!, killAfterMs: delays[i]! };
      expect(await startRun(orders).ended, task).toBe("SIGKILL");
    }
    expect(statusOf(folder).state).toBe("running");
    await run(folder);
    expect(fingerprint(folder)).toEqual(whole[kind]);
  }, 120_000);
});

describe("two processes", () => {
  it("do not work in one folder; when the first is killed, the second may", async () => {
    const folder = folders.make();
    const orders = { folder, parts: {}, task: "training the network", step: 1, killAfterMs: null };
    const { process: child, spoken, ended } = startRun(orders);
    await spoken;
    await expect(run(folder)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(`process ${child.pid} is at work in ${folder}.*wait for it, stop it, or choose`),
    });
    child.kill("SIGKILL");
    await ended;
    await run(folder, { stages: ["collect"] });
    expect(statusOf(folder).state).toBe("done");
  });
});

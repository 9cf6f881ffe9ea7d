/** A recipe that changes in a run folder: what is done again, and that the end is a fresh run's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Interrupted } from "../src/errors.ts";
import { type RunEvent, type StageName, stageNames } from "../src/run/index.ts";
import { startRun } from "./support/child.ts";
import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "./support/tiny-run.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const parts = { ...tinyLinear, zoo: { count: 6, references: 0, batch: 50, lr: 1e-2 } };
const before = tinyRecipe(parts);
const diffusion = { denoiser: { width: 16, blocks: 1 } };
/** Shorter, so that points of the old loss curve would stay if nothing removed them. */
const after = tinyRecipe({ ...parts, diffusion: { ...diffusion, training: { steps: 15, batch: 8 } } });

/** Tables and figures of the report, among others. */
let fresh: Record<string, string>;
beforeAll(async () => {
  const folder = folders.make();
  await run(folder, { recipe: after, stages: stageNames });
  fresh = fingerprint(folder);
});

describe("a run whose recipe changes", () => {
  let folder: string;
  beforeAll(async () => {
    folder = folders.make();
    await run(folder, { recipe: before, stages: stageNames });
  });
  const zoo = () => readFileSync(join(folder, "zoo/index.json"), "utf8");

  it("says what changed before it deletes anything", async () => {
    const stop = new AbortController();
    const seen: RunEvent[] = [];
    const emit = (event: RunEvent) => {
      seen.push(event);
      if (event.type !== "redo") return;
      expect(existsSync(join(folder, "report.html"))).toBe(true);
      stop.abort();
    };
    const done = run(folder, { recipe: after, stages: stageNames, emit, signal: stop.signal });
    await expect(done).rejects.toThrow(Interrupted);
    expect(seen.find(({ type }) => type === "redo")).toEqual({
      type: "redo",
      changes: [{ key: "diffusion.training.steps", from: 25, to: 15 }],
      kept: ["collect"],
      redone: ["fit", "sample", "evaluate", "audit", "report"],
    });
  });

  it("keeps what does not depend on it, and ends with a fresh run's bytes though killed and stopped", async () => {
    const index = zoo();
    const changed = { ...parts, diffusion: { ...diffusion, training: { steps: 15, batch: 8 } } };
    const orders = { folder, parts: changed, task: "training the denoiser", step: 4, killAfterMs: 0 };
    expect(await startRun(orders).ended).toBe("SIGKILL");
    expect(Object.keys(fingerprint(folder)).filter((file) => /^(samples|evaluation|figures)/.test(file))).toEqual([]);
    const started = new Set<StageName>();
    for (let sitting = 0; ; sitting++) {
      expect(sitting).toBeLessThan(30);
      const stop = new AbortController();
      let steps = 0;
      const emit = (event: RunEvent) => {
        if (event.type === "stage" && event.state === "started") started.add(event.stage);
        if (event.type === "progress" && ++steps >= (event.stage === "audit" ? 40 : 9)) stop.abort();
      };
      const error = await run(folder, { recipe: after, stages: stageNames, emit, signal: stop.signal }).catch(
        (error: unknown) => error,
      );
      // From the first sitting on, what is there is of the recipe that is there.
      expect(readFileSync(join(folder, "config.yaml"), "utf8")).toContain("steps: 15");
      if (error === undefined) break;
      expect(error).toBeInstanceOf(Interrupted);
    }
    expect([...started]).toEqual(["fit", "sample", "evaluate", "audit", "report"]);
    expect(zoo()).toBe(index);
    expect(fingerprint(folder)).toEqual(fresh);
  });

  it("audits alone again where only the audit changes, and takes over none of its draws", async () => {
    const started: StageName[] = [];
    const emit = (event: RunEvent) => {
      if (event.type === "stage" && event.state === "started") started.push(event.stage);
    };
    const fewer = { ...after, audit: { ...after.audit, draws: 3, ensemble: 2 } };
    await run(folder, { recipe: fewer, stages: stageNames, emit });
    expect(started.splice(0)).toEqual(["audit", "report"]);
    await run(folder, { recipe: after, stages: stageNames, emit });
    expect(started).toEqual(["audit", "report"]);
    expect(fingerprint(folder)).toEqual(fresh);
  });
});

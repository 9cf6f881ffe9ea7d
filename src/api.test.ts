import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { verdictOn } from "../examples/audit-samples.ts";
import { newCheckpoints } from "../examples/own-checkpoints.ts";
import { norms } from "../examples/read-checkpoints.ts";
import { temporaryFolders } from "../test/support/tiny-run.ts";
import { audit, evaluate, fit, sample } from "./api.ts";
import { openFile } from "./checkpoints/formats/open-file.ts";
import { agentOf, pthOf } from "./checkpoints/formats/torch/pth.fixture.ts";
import { readStateDict, writeSafetensors } from "./checkpoints/index.ts";
import { Interrupted, UserError } from "./errors.ts";
import { key, normal } from "./random/index.ts";
import { readCheckpoints } from "./read-checkpoints.ts";
import { from, lossOf, writeNetworks } from "./stages/checkpoint-world.fixture.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let checkpoints: string;
beforeAll(async () => {
  checkpoints = join(folders.make(), "ckpts");
  mkdirSync(checkpoints);
  for (let k = 0; k < 16; k++)
    await writeSafetensors(join(checkpoints, `${k}.safetensors`), [
      { name: "body", shape: [3], data: Float32Array.of(1, 2, 3) },
      { name: "head", shape: [2, 4], data: normal(key(k), 8) },
    ]);
});

const overrides = ["diffusion.training.steps=30", "audit.baselines=[average:2]", "audit.draws=3", "measure.networks=5"];

/** The norm of a checkpoint's head, as its metric. */
async function normOf(path: string): Promise<number> {
  const file = await openFile(path);
  const head = new Float32Array(8);
  await file.readFloats("head", 0, head);
  await file.close();
  return Math.hypot(...head);
}

describe("the library", () => {
  let fitted = "";

  it("runs the example: fits, samples and audits, telling its progress", async () => {
    const messages: string[] = [];
    const options = { checkpoints, select: "head", run: join(folders.make(), "run"), measure: normOf, overrides };
    const verdict = await newCheckpoints(options, (text) => messages.push(text));
    expect(verdict).toMatch(/^(replica|average-like|gaussian-like|novel|broken|undecided): /);
    expect(messages.join("\n")).toMatch(/training the denoiser \d+\/30/);
    expect(messages.at(-1)).toMatch(/wrote 5 checkpoints, the first .*0001\.safetensors/);
  });

  it("runs the example: reads checkpoints one by one", async () => {
    const found = await norms(checkpoints, "head");
    expect([...found.keys()]).toHaveLength(16);
    expect(Object.keys([...found.values()][0]!)).toEqual(["head"]);
  });

  it("runs the example: audits networks that another generator made", async () => {
    const root = folders.make();
    const verdict = await verdictOn({
      originals: await writeNetworks(join(root, "a"), from(0, 8)),
      samples: await writeNetworks(join(root, "c"), from(0, 5)),
      heldOut: await writeNetworks(join(root, "b"), from(100, 5)),
      measure: lossOf,
      run: join(root, "run"),
      overrides: ["audit.baselines=[average:2]", "audit.draws=3"],
    });
    expect(verdict).toMatch(/^replica: 5 of 5 repeat an original\. /);
  });

  it("opens checkpoints in the order of their numbers", async () => {
    const { files, layout, tensors } = await readCheckpoints(`${checkpoints}/*.safetensors`);
    expect(files.map((file) => file.split("/").at(-1))).toEqual(
      Array.from({ length: 16 }, (_, k) => `${k}.safetensors`),
    );
    expect(layout.size).toBe(11);
    expect(tensors.get("head")).toMatchObject({ dtype: "F32", shape: [2, 4] });
  });

  it("fits agents of Stable-Baselines3, and draws archives with another policy", async () => {
    const folder = folders.make();
    const policy = { storage: "0", stored: 8, offset: 0, shape: [2, 4], strides: [4, 1] };
    for (let k = 0; k < 12; k++)
      writeFileSync(join(folder, `${k}.zip`), agentOf(pthOf({ head: policy }, { 0: normal(key(k), 8) })));
    const run = join(folders.make(), "run");
    await fit({ checkpoints: join(folder, "*.zip"), run, overrides }).result;
    const files = await sample({ run, count: 2 }).result;
    expect(files.map((file) => basename(file))).toEqual(["0001.zip", "0002.zip"]);
    const original = readFileSync(join(folder, "0.zip"));
    for (const [i, file] of files.entries()) {
      const drawn = await readStateDict(join(run, "samples", `000${i + 1}.safetensors`));
      const agent = await readStateDict(file);
      expect(agent.tensors.get("head")).toEqual(drawn.tensors.get("head"));
      // Eight numbers and four checksums.
      const bytes = readFileSync(file);
      expect(bytes.length).toBe(original.length);
      expect([...bytes.keys()].filter((at) => bytes[at] !== original[at]).length).toBeLessThanOrEqual(48);
    }
  });

  it("prints nothing", async () => {
    const out = vi.spyOn(process.stdout, "write");
    const err = vi.spyOn(process.stderr, "write");
    const short = [...overrides, "sample.sampler={type: ddim, steps: 20}"];
    fitted = (await fit({ checkpoints, run: join(folders.make(), "run"), overrides: short }).result).folder;
    expect(out).not.toHaveBeenCalled();
    expect(err).not.toHaveBeenCalled();
    out.mockRestore();
    err.mockRestore();
  });

  it("draws further networks from a fitted generator, as often as it is asked", async () => {
    const folder = fitted;
    const own = await sample({ run: folder, count: 3 }).result;
    expect(own).toHaveLength(3);
    const [some, same, others] = [
      await sample({ run: folder, count: 4 }).result,
      await sample({ run: folder, count: 4, to: join(folders.make(), "same") }).result,
      await sample({ run: folder, count: 4, seed: 7 }).result,
    ];
    const read = async (files: readonly string[]) => (await Promise.all(files.map(normOf))).map(String);
    expect(await read(same)).toEqual(await read(some));
    expect(new Set([...(await read(own)), ...(await read(some)), ...(await read(others))]).size).toBe(11);
    expect(await sample({ run: folder, count: 3 }).result).toEqual(own);

    const options = { run: folder, count: 6, selectBest: 2, to: join(folders.make(), "best") };
    await expect(sample(options).result).rejects.toThrow("no metric scores the networks");
    const best = await sample({ ...options, measure: async (path) => ({ loss: await normOf(path) }) }).result;
    const losses = await Promise.all(best.map(normOf));
    expect(losses).toEqual([...losses].sort((a, b) => a - b));
    expect(losses).toHaveLength(2);
  });

  it("evaluates the samples of a run by a function, and once only", async () => {
    const scored: string[] = [];
    const measure = async (path: string) => {
      scored.push(path);
      return { norm: await normOf(path), loss: 1 };
    };
    const options = { run: fitted, measure, metric: "norm", better: "lower" } as const;
    const found = await evaluate(options).result;
    expect(found.metric).toMatchObject({ name: "norm", higherIsBetter: false });
    expect(found.classification).toBeNull();
    const sampled = await sample({ run: fitted, count: 3 }).result;
    expect(found.scores?.samples.values).toEqual(await Promise.all(sampled.map(normOf)));

    const times = scored.length;
    expect(times).toBeGreaterThan(3);
    expect(await evaluate(options).result).toEqual(found);
    expect(scored).toHaveLength(times);
    await expect(evaluate({ run: "no-such-run" }).result).rejects.toThrow("no-such-run is no run folder");
  });

  it("gives its errors to whoever waits for the result, and to whoever iterates", async () => {
    const run = join(folders.make(), "run");
    await expect(fit({ checkpoints: "nothing/*.pth", run }).result).rejects.toBeInstanceOf(UserError);
    const iterate = async () => {
      for await (const _ of sample({ run: "no-such-run" }));
    };
    await expect(iterate()).rejects.toThrow("no-such-run is no run folder");
    await expect(audit({ run: "no-such-run" }).result).rejects.toBeInstanceOf(UserError);
  });

  it("stops when its signal aborts, and resumes from there", async () => {
    const run = join(folders.make(), "run");
    const stop = new AbortController();
    const work = fit({ checkpoints, run, overrides: ["diffusion.training.steps=400"], signal: stop.signal });
    const seen = async () => {
      for await (const event of work) if (event.type === "progress" && event.item.id === "fit-denoiser") stop.abort();
    };
    await expect(seen()).rejects.toBeInstanceOf(Interrupted);
    await expect(work.result).rejects.toBeInstanceOf(Interrupted);
    const again = await fit({ checkpoints, run, overrides: ["diffusion.training.steps=400"] }).result;
    expect(again.folder).toBe(run);
  });
});

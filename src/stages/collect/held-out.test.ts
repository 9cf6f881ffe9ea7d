import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readSafetensors } from "../../checkpoints/index.ts";
import { acceptanceThresholdOf } from "../../evaluation/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { RunEvent } from "../../run/index.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const json = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const networksIn = (folder: string, part: string) =>
  readdirSync(join(folder, part))
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => `${part}/${name}`);
const tensorOf = async (folder: string, file: string, name: string) =>
  (await readSafetensors(join(folder, file))).tensors.get(name)!;
const stepsOf = (folder: string, part: string): number[] =>
  json(folder, `${part}/index.json`).checkpoints.map(({ step }: { step: number }) => step);

async function collected(recipe: Recipe): Promise<string> {
  const folder = folders.make();
  await run(folder, { recipe, stages: ["collect"] });
  return folder;
}

/** Stops at a step of a task, and goes on. */
async function stoppedAt(recipe: Recipe, task: string, step: number): Promise<string> {
  const folder = folders.make();
  const controller = new AbortController();
  const emit = (event: RunEvent) => {
    if (event.type === "progress" && event.item.label === task && event.step === step) controller.abort();
  };
  const options = { recipe, stages: ["collect"] } as const;
  await expect(run(folder, { ...options, emit, signal: controller.signal })).rejects.toThrow("stopped");
  expect(existsSync(join(folder, "zoo/index.json"))).toBe(false);
  await run(folder, options);
  return folder;
}

/** Files of a run in some of its folders. */
const partOf = (folder: string, ...parts: string[]) =>
  Object.entries(fingerprint(folder)).filter(([file]) => parts.some((part) => file.startsWith(`${part}/`)));

/** The greatest difference between values in the same place. */
const farthest = (a: Float32Array, b: Float32Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

const zoo = { count: 12, references: 1, batch: 50, lr: 1e-2 };
const trajectory = tinyRecipe({ ...tinyLinear, zoo });
let made: string;
beforeAll(async () => {
  made = await collected(trajectory);
});

describe("held-out checkpoints of a trajectory", () => {
  it("are one for every four of the zoo, unless the recipe says how many", () => {
    expect(networksIn(made, "held-out")).toEqual([1, 2, 3].map((i) => `held-out/000${i}.safetensors`));
    expect(tinyRecipe({ zoo: { count: 400 } }).zoo.heldOut).toBe(50);
  });

  it.each([
    [3, [4, 8, 12]],
    [5, [3, 5, 8, 10, 12]],
    [12, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    [1, [12]],
  ])("that are %i of 12 checkpoints are those of steps %j", async (heldOut, steps) => {
    const folder = heldOut === 3 ? made : await collected(tinyRecipe({ ...tinyLinear, zoo: { ...zoo, heldOut } }));
    expect(stepsOf(folder, "held-out")).toEqual(steps);
    const { metadata } = await readSafetensors(join(folder, "held-out/0001.safetensors"));
    expect(metadata.step).toBe(String(steps[0]));
  });

  it("are as far along their way as the zoo, where steps are skipped and lie apart", async () => {
    const apart = { ...zoo, count: 4, heldOut: 2, references: 0, every: { steps: 3 }, skip: 2 };
    const folder = await collected(tinyRecipe({ ...tinyLinear, zoo: apart }));
    expect(stepsOf(folder, "zoo")).toEqual([5, 8, 11, 14]);
    expect(stepsOf(folder, "held-out")).toEqual([8, 14]);
  });

  it("are on another way from the same network: near the zoo, and nowhere on it", async () => {
    const head = (file: string) => tensorOf(made, file, "fc2.weight");
    const learned = await Promise.all(networksIn(made, "zoo").map(head));
    const base = await head("base/network.safetensors");
    for (const [i, file] of networksIn(made, "held-out").entries()) {
      const held = await head(file);
      const nearest = Math.min(...learned.map((original) => farthest(held, original)));
      expect(nearest, file).toBeGreaterThan(1e-4);
      // Adam moves no weight by much more than its rate in a step.
      expect(farthest(held, base), file).toBeLessThan(4 * (i + 1) * 2 * zoo.lr);
    }
  });

  it("change nothing of the zoo", async () => {
    const none = await collected(tinyRecipe({ ...tinyLinear, zoo: { ...zoo, heldOut: 0, references: 0 } }));
    expect(partOf(none, "base", "zoo")).toEqual(partOf(made, "base", "zoo"));
    expect(existsSync(join(none, "held-out"))).toBe(false);
    expect(existsSync(join(none, "references"))).toBe(false);
  });
});

describe("the acceptance threshold", () => {
  it("is the 5th percentile of the held-out networks' accuracies, fixed before there is a generator", () => {
    const { acceptanceThreshold, selection, checkpoints } = json(made, "held-out/index.json");
    expect(selection).toHaveLength(3);
    expect(checkpoints).toHaveLength(3);
    // Of three sorted values, a tenth of the way from the first to the second.
    const [first, second] = selection.toSorted((a: number, b: number) => a - b);
    expect(acceptanceThreshold).toBeCloseTo(first + 0.1 * (second - first), 12);
    expect(acceptanceThreshold).toBe(acceptanceThresholdOf(selection));
    expect(acceptanceThreshold).toBeGreaterThan(0.1);
    for (const folder of ["generator", "samples"]) expect(existsSync(join(made, folder))).toBe(false);
  });
});

describe("reference networks", () => {
  it("are whole networks from other initial values, also where a part is generated", async () => {
    const part = { ...zoo, count: 4, references: 2, select: "last-layers:1" };
    const folder = await collected(tinyRecipe({ ...tinyLinear, zoo: part }));
    const files = networksIn(folder, "references");
    expect(files).toHaveLength(2);
    const weights = [await tensorOf(folder, "base/network.safetensors", "fc1.weight")];
    for (const file of files) {
      const { shapes } = await readSafetensors(join(folder, file));
      expect([...shapes.keys()]).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
      weights.push(await tensorOf(folder, file, "fc1.weight"));
    }
    for (const [i, a] of weights.entries())
      for (const b of weights.slice(0, i)) {
        const product = a.reduce((sum, x, k) => sum + x * b[k]!, 0);
        expect(Math.abs(product)).toBeLessThan(0.3 * Math.hypot(...a) * Math.hypot(...b));
      }
    // Held-out networks hold what the zoo holds.
    const { shapes } = await readSafetensors(join(folder, "held-out/0001.safetensors"));
    expect([...shapes.keys()]).toEqual(["fc2.weight", "fc2.bias"]);
  });

  it("are of their best epoch where the base network is, also after an interruption", async () => {
    const base = { ...trajectory.base, epochs: 3, lr: 0.2, schedule: "constant", keep: "selection" };
    const recipe = tinyRecipe({ ...tinyLinear, base, zoo: { ...zoo, count: 2 } });
    const stopped = await stoppedAt(recipe, "training reference network 1 of 1", 14);
    expect(readdirSync(join(stopped, "references")).sort()).toEqual(["0001.safetensors", "index.json"]);
    expect(fingerprint(stopped)).toEqual(fingerprint(await collected(recipe)));
  });
});

describe("separate trainings", () => {
  const separate = (kind: string, more: object = {}) =>
    tinyRecipe({
      ...tinyLinear,
      // So slow that networks stay where they began.
      base: { epochs: 1, batch: 50, lr: 1e-6, optimiser: "adam", schedule: "constant" },
      zoo: { kind, count: 4, heldOut: 2, references: 1, ...more },
    });
  const weightsOf = (folder: string, part: string) =>
    Promise.all(networksIn(folder, part).map((file) => tensorOf(folder, file, "fc1.weight")));
  let seeds: string;
  let orders: string;
  beforeAll(async () => {
    seeds = await collected(separate("seeds"));
    orders = await collected(separate("orders"));
  });

  it("hold out further trainings", () => {
    for (const folder of [seeds, orders]) {
      expect(networksIn(folder, "zoo")).toHaveLength(4);
      expect(networksIn(folder, "held-out")).toHaveLength(2);
      const files = fingerprint(folder);
      const networks = [...networksIn(folder, "zoo"), ...networksIn(folder, "held-out")];
      expect(new Set(networks.map((file) => files[file])).size).toBe(6);
      expect(json(folder, "held-out/index.json").checkpoints.map(({ seed }: { seed: number }) => seed)).toEqual([1, 2]);
    }
  });

  it("of orders all begin at the same values, of seeds each at its own", async () => {
    const both = async (folder: string) => [
      ...(await weightsOf(folder, "zoo")),
      ...(await weightsOf(folder, "held-out")),
    ];
    const steps = 6;
    for (const [i, a] of (await both(orders)).entries())
      for (const b of (await both(orders)).slice(0, i)) {
        expect(farthest(a, b)).toBeGreaterThan(0);
        expect(farthest(a, b)).toBeLessThan(2 * steps * 1.5e-6);
      }
    for (const [i, a] of (await both(seeds)).entries())
      for (const b of (await both(seeds)).slice(0, i)) expect(farthest(a, b)).toBeGreaterThan(0.01);
  });

  it("have references where all share initial values, and none where each has its own", async () => {
    expect(existsSync(join(seeds, "references"))).toBe(false);
    const [reference] = await weightsOf(orders, "references");
    const [original] = await weightsOf(orders, "zoo");
    expect(farthest(reference!, original!)).toBeGreaterThan(0.01);
  });

  it("hold out nothing where the recipe says so", async () => {
    const folder = await collected(separate("orders", { heldOut: 0, references: 0 }));
    expect(existsSync(join(folder, "held-out"))).toBe(false);
    expect(existsSync(join(folder, "references"))).toBe(false);
    expect(partOf(folder, "zoo")).toEqual(partOf(orders, "zoo"));
  });

  it.each([
    ["seeds", "training held-out networks", 8],
    ["orders", "training held-out networks", 6],
    ["orders", "training reference network 1 of 1", 4],
  ])("of %s that are stopped while %s, at step %i, make the same bytes", async (kind, task, step) => {
    const folder = await stoppedAt(separate(kind), task, step);
    expect(fingerprint(folder)).toEqual(fingerprint(kind === "seeds" ? seeds : orders));
  });

  it("train unseen networks as well, which change none of the others and may be taken over in part", async () => {
    const folder = await collected(separate("seeds", { unseen: 3 }));
    expect(networksIn(folder, "unseen")).toHaveLength(3);
    expect(partOf(folder, "zoo", "held-out")).toEqual(partOf(seeds, "zoo", "held-out"));
    const files = fingerprint(folder);
    const networks = ["zoo", "held-out", "unseen"].flatMap((part) => networksIn(folder, part));
    expect(new Set(networks.map((file) => files[file])).size).toBe(networks.length);
    const other = await collected(separate("seeds", { unseen: 2, reuse: folder }));
    expect(json(other, "unseen/index.json").checkpoints).toEqual(
      json(folder, "unseen/index.json").checkpoints.slice(0, 2),
    );
    await expect(collected(separate("seeds", { unseen: 4, reuse: folder }))).rejects.toThrow(
      /^zoo\.reuse: .* has fewer unseen networks than zoo\.unseen \(4\); use at most as many$/,
    );
  });

  it("may be taken over in part, with all that was held out", async () => {
    const folder = await collected(separate("orders", { count: 3, reuse: orders }));
    expect(networksIn(folder, "zoo")).toHaveLength(3);
    expect(partOf(folder, "held-out", "references")).toEqual(partOf(orders, "held-out", "references"));
  });

  it("may be taken over in part also by a recipe that does not say how many are held out", async () => {
    const source = await collected(separate("seeds", { count: 8, heldOut: undefined }));
    expect(networksIn(source, "held-out")).toHaveLength(2);
    const folder = await collected(separate("seeds", { count: 4, heldOut: undefined, reuse: source }));
    expect(networksIn(folder, "zoo")).toHaveLength(4);
    expect(networksIn(folder, "held-out").length).toBeGreaterThan(0);
  });
});

describe("a trajectory that is stopped", () => {
  it.each([
    ["collecting held-out checkpoints", 1],
    ["collecting held-out checkpoints", 7],
    ["collecting held-out checkpoints", 12],
    ["training reference network 1 of 1", 3],
    ["training reference network 1 of 1", 12],
    ["setting the acceptance threshold", 3],
  ])("while %s, at step %i, goes on to the same bytes", async (task, step) => {
    expect(fingerprint(await stoppedAt(trajectory, task, step))).toEqual(fingerprint(made));
  });
});

describe("held-out networks and references of another run", () => {
  const taking = (from: string) => tinyRecipe({ ...tinyLinear, zoo: { ...zoo, reuse: from } });

  it("are taken over with its zoo", async () => {
    const folder = await collected(taking(made));
    expect(partOf(folder, "held-out", "references")).toEqual(partOf(made, "held-out", "references"));
    expect(partOf(folder, "held-out")).toHaveLength(4);
    expect(partOf(folder, "references")).toHaveLength(2);
  });

  it("are refused where a file was changed, with the command that makes it again", async () => {
    const source = await collected(trajectory);
    writeFileSync(join(source, "held-out/0002.safetensors"), "something else");
    await expect(collected(taking(source))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/0002\.safetensors was changed.*; collect again: pdiff collect .* --force$/),
    });
    rmSync(join(source, "held-out/0002.safetensors"));
    await expect(collected(taking(source))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/0002\.safetensors is missing; collect again: pdiff collect .* --force$/),
    });
    writeFileSync(join(source, "held-out/index.json"), "{}");
    await expect(collected(taking(source))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/held-out.index\.json is missing or not an index of checkpoints; collect again/),
    });
  });

  it("are refused where all that was held out is missing", async () => {
    const source = await collected(trajectory);
    rmSync(join(source, "held-out"), { recursive: true });
    await expect(collected(taking(source))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/held-out.*pdiff collect .* --force$/),
    });
  });

  it("are refused where a reference is missing", async () => {
    const source = await collected(trajectory);
    rmSync(join(source, "references/0001.safetensors"));
    await expect(collected(taking(source))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/references.0001\.safetensors.*pdiff collect .* --force/),
    });
  });
});

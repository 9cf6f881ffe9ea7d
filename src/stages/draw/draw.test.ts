import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fingerprint, run, stages, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readSafetensors } from "../../checkpoints/index.ts";
import { Interrupted } from "../../errors.ts";
import { draw as record } from "../../records/index.ts";
import type { RunEvent } from "../../run/index.ts";
import { exportNetworks } from "../export/export.ts";
import { drawFolder, drawNetworks, isFurtherDraw } from "./draw.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** Only the last layer is generated. Its latents are decoded 64 at a time. */
const recipe = tinyRecipe({
  ...tinyLinear,
  zoo: { count: 5, references: 0, heldOut: 2, batch: 50, lr: 1e-2, select: "last-layers:1" },
});
/** More than one batch. */
const MANY = 70;

let folder: string;
/** The run's files before any draw, and whole networks of its samples. */
let before: Record<string, string>;
let own: string[];
let many: string;
beforeAll(async () => {
  folder = folders.make();
  await run(folder, { recipe, stages });
  before = fingerprint(folder);
  own = await exportNetworks({ run: folder, to: folders.make() });
  many = folders.make();
  await drawNetworks({ run: folder, count: MANY, seed: 7, to: many });
});

const bytes = (path: string) => readFileSync(path).toString("latin1");
const networksIn = (of: string) => readdirSync(of).filter((name) => name.endsWith(".safetensors"));
const recordIn = (of: string) => record.parse(JSON.parse(readFileSync(join(of, "index.json"), "utf8")));

describe("a draw", () => {
  it("is of whole networks, and leaves the run as it is", async () => {
    expect(networksIn(many)).toHaveLength(MANY);
    const { tensors } = await readSafetensors(join(many, "0070.safetensors"));
    expect([...tensors.keys()]).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    expect(recordIn(many)).toMatchObject({ drawn: MANY, metric: null, draw: { seed: 7, start: 0, selectBest: null } });
    expect(readdirSync(many).filter((name) => !name.endsWith(".safetensors"))).toEqual(["index.json"]);
    expect(new Set(networksIn(many).map((name) => bytes(join(many, name)))).size).toBe(MANY);
    expect(fingerprint(folder)).toEqual(before);
  });

  it("of the run's seed begins with the run's samples, and goes on after them without a seed", async () => {
    const [all, rest] = [folders.make(), folders.make()];
    const { files } = await drawNetworks({ run: folder, count: 8, seed: recipe.seed, to: all });
    expect(files.slice(0, 6).map(bytes)).toEqual(own.map(bytes));
    const further = await drawNetworks({ run: folder, count: 2, to: rest });
    expect(further.files.map(bytes)).toEqual(files.slice(6).map(bytes));
  });

  it("goes on when it was stopped, with the same bytes", async () => {
    const to = folders.make();
    // In the denoising of the first batch, which takes 20 steps, and in that of the second.
    for (const [last, there] of [
      [10, 0],
      [25, 64],
    ] as const) {
      const stop = new AbortController();
      let steps = 0;
      const emit = (event: RunEvent) => void (event.type === "progress" && ++steps === last && stop.abort());
      const options = { run: folder, count: MANY, seed: 7, to, emit, signal: stop.signal };
      await expect(drawNetworks(options)).rejects.toThrow(Interrupted);
      expect(networksIn(to)).toHaveLength(there);
      expect(readdirSync(to)).not.toContain("index.json");
    }
    await drawNetworks({ run: folder, count: MANY, seed: 7, to });
    expect(networksIn(to).map((name) => bytes(join(to, name)))).toEqual(
      networksIn(many).map((name) => bytes(join(many, name))),
    );
    expect(recordIn(to)).toEqual(recordIn(many));
  });

  it("that is done is not done again, unless a network of it is gone", async () => {
    const to = folders.make();
    const options = { run: folder, count: 2, seed: 3, to };
    const first = await drawNetworks(options);
    const events: RunEvent[] = [];
    expect(await drawNetworks({ ...options, emit: (event) => events.push(event) })).toEqual(first);
    expect(events).toEqual([]);
    const drawn = bytes(first.files[1]!);
    rmSync(first.files[1]!);
    await drawNetworks(options);
    expect(bytes(first.files[1]!)).toBe(drawn);
  });

  it("keeps the best by validation, each the same network as in the whole draw", async () => {
    const to = folders.make();
    const { files, networks, metric, scores } = await drawNetworks({
      run: folder,
      count: MANY,
      seed: 7,
      selectBest: 3,
      to,
    });
    expect(networksIn(to)).toHaveLength(3);
    expect(metric).toMatchObject({ name: "accuracy", higherIsBetter: true });
    expect(scores).toHaveLength(MANY);
    const order = [...scores!.keys()].sort((a, b) => scores![b]! - scores![a]! || a - b).slice(0, 3);
    expect(networks.map(({ number }) => number - 1)).toEqual(order);
    expect(networks.map(({ score }) => score)).toEqual(order.map((i) => scores![i]));
    for (const [i, file] of files.entries()) expect(bytes(file)).toBe(bytes(join(many, networks[i]!.file)));
    expect(fingerprint(folder)).toEqual(before);
  });

  it("scores on the selection split, as the evaluation does", async () => {
    const options = { run: folder, count: 6, seed: recipe.seed, selectBest: 1, to: folders.make() };
    const { scores } = await drawNetworks(options);
    const lines = readFileSync(join(folder, "evaluation/accuracies.csv"), "utf8").trim().split("\n");
    const selection = lines.filter((line) => line.startsWith("samples,")).map((line) => Number(line.split(",")[2]));
    expect(scores).toEqual(selection);
  });

  it("of a baseline goes on without a seed as well", async () => {
    const baseline = folders.make();
    await run(baseline, {
      recipe: tinyRecipe({ zoo: { count: 4, references: 0 }, generator: "noise:0.05" }),
      stages: ["collect", "fit", "sample"],
    });
    const samples = await exportNetworks({ run: baseline, to: folders.make() });
    const same = await drawNetworks({ run: baseline, seed: recipe.seed, to: folders.make() });
    expect(same.files.map(bytes)).toEqual(samples.map(bytes));
    const others = await drawNetworks({ run: baseline, to: folders.make() });
    for (const file of others.files) expect(samples.map(bytes)).not.toContain(bytes(file));
  });

  it("is refused in a folder that holds anything else", async () => {
    const foreign = folders.make();
    writeFileSync(join(foreign, "thesis.txt"), "");
    await expect(drawNetworks({ run: folder, count: 2, to: foreign })).rejects.toMatchObject({
      code: "E_USAGE",
      message: expect.stringMatching(/is not empty \(it holds thesis\.txt\).*--to/),
    });
    expect(readdirSync(foreign)).toEqual(["thesis.txt"]);
    await expect(drawNetworks({ run: folder, count: MANY, seed: 8, to: many })).rejects.toMatchObject({
      code: "E_USAGE",
      message: expect.stringMatching(/holds another draw \(seed: 7 → 8\)/),
    });
    for (const to of [folder, join(folder, "samples")])
      await expect(drawNetworks({ run: folder, count: 2, to })).rejects.toThrow("is not empty");
    expect(fingerprint(folder)).toEqual(before);
  });

  it("is refused where there is nothing to draw from, or too little to keep", async () => {
    const unfitted = folders.make();
    mkdirSync(join(unfitted, "zoo"));
    for (const part of ["config.yaml", "zoo"]) cpSync(join(folder, part), join(unfitted, part), { recursive: true });
    const to = join(folders.make(), "new");
    await expect(drawNetworks({ run: unfitted, count: 2, to })).rejects.toThrow("fit one: pdiff fit");
    await expect(drawNetworks({ run: folder, count: 2, selectBest: 3, to })).rejects.toThrow("3 of 2 networks");
  });
});

describe("networks that are asked for", () => {
  it("are further ones with a seed, a choice, or another number than the run has", async () => {
    const of = { recipe, folder };
    for (const options of [{ seed: 1 }, { selectBest: 2 }, { count: 7 }])
      expect(await isFurtherDraw(of, options), JSON.stringify(options)).toBe(true);
    for (const options of [{}, { count: 6 }]) expect(await isFurtherDraw(of, options)).toBe(false);
    expect(await isFurtherDraw({ recipe, folder: folders.make() }, { count: 7 })).toBe(false);
  });

  it("have a folder of their own in the run where none is named", () => {
    expect(drawFolder("r", 5, {})).toBe(join("r", "draws", "5-further"));
    expect(drawFolder("r", 5, { seed: 7, selectBest: 2 })).toBe(join("r", "draws", "best-2-of-5-seed-7"));
  });
});

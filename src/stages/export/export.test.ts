import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import fixture from "../../../test/fixtures/names.json" with { type: "json" };
import { fill } from "../../../test/support/fill.ts";
import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readHeader, readSafetensors, writeSafetensors } from "../../checkpoints/index.ts";
import { layoutOf } from "../../layout/index.ts";
import { networkSchema } from "../../recipe/schema.ts";
import { networkOf } from "../../task-network/index.ts";
import { classifier } from "../../zoo/index.ts";
import { exportNetworks, stateDictOf } from "./export.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** Only the last layer is generated; the first is the base network's. */
const recipe = tinyRecipe({ ...tinyLinear, zoo: { count: 5, batch: 50, lr: 1e-2, select: "last-layers:1" } });
const state = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"];

let folder: string;
beforeAll(async () => {
  folder = folders.make();
  await run(folder, { recipe, stages: ["collect", "fit", "sample"] });
});

const tensorsOf = async (path: string) => (await readSafetensors(path)).tensors;

describe("an exported network", () => {
  it.each([
    ["samples", 6],
    ["zoo", 5],
  ] as const)("of the %s has its own tensors and all others of the base network", async (group, count) => {
    const files = await exportNetworks({ run: folder, to: folders.make(), group });
    expect(files).toHaveLength(count);
    const base = await tensorsOf(join(folder, "base/network.safetensors"));
    for (const file of files) {
      const own = await tensorsOf(join(folder, group, basename(file)));
      expect([...own.keys()]).toEqual(["fc2.weight", "fc2.bias"]);
      const whole = await readSafetensors(file);
      expect([...whole.tensors.keys()]).toEqual(state);
      for (const [name, values] of whole.tensors) expect(values, name).toEqual((own.has(name) ? own : base).get(name));
      expect(Object.fromEntries(whole.shapes)).toEqual({
        "fc1.weight": [16, 784],
        "fc1.bias": [16],
        "fc2.weight": [10, 16],
        "fc2.bias": [10],
      });
      expect(whole.metadata).toEqual({ format: "pt" });
    }
  });

  it("is the checkpoint itself where everything is generated, and needs no base network", async () => {
    const seeds = folders.make();
    await run(seeds, { recipe: tinyRecipe({ zoo: { kind: "seeds", count: 2 } }), stages: ["collect"] });
    expect(existsSync(join(seeds, "base/network.safetensors"))).toBe(false);
    for (const file of await exportNetworks({ run: seeds, to: folders.make(), group: "zoo" }))
      expect(await tensorsOf(file)).toEqual(await tensorsOf(join(seeds, "zoo", basename(file))));
  });
});

describe("an export", () => {
  it("is of samples under timm's names where nothing is said", async () => {
    const [usual, explicit] = [folders.make(), folders.make()];
    await exportNetworks({ run: folder, to: usual });
    await exportNetworks({ run: folder, to: explicit, group: "samples", names: "timm" });
    for (const name of readdirSync(usual))
      expect(readFileSync(join(explicit, name)).equals(readFileSync(join(usual, name))), name).toBe(true);
  });

  it("makes its folder, and names files as the run does", async () => {
    const to = join(folders.make(), "some", "networks");
    const files = await exportNetworks({ run: folder, to });
    expect(files).toEqual([1, 2, 3, 4, 5, 6].map((i) => join(to, `000${i}.safetensors`)));
    expect(readdirSync(to)).toEqual(files.map((file) => basename(file)));
  });

  it("stops after as many as are asked for, and there are no more than there are", async () => {
    const [some, all] = [folders.make(), folders.make()];
    await exportNetworks({ run: folder, to: some, count: 2 });
    await exportNetworks({ run: folder, to: all, count: 99 });
    expect(readdirSync(some)).toEqual(["0001.safetensors", "0002.safetensors"]);
    expect(readdirSync(all)).toHaveLength(6);
  });

  it("leaves the run as it is", async () => {
    const before = fingerprint(folder);
    await exportNetworks({ run: folder, to: folders.make() });
    expect(fingerprint(folder)).toEqual(before);
  });

  it("into the run's own checkpoints is refused", async () => {
    const before = fingerprint(folder);
    for (const to of [join(folder, "samples"), `${folder}/base/../zoo/`])
      await expect(exportNetworks({ run: folder, to })).rejects.toMatchObject({
        code: "E_USAGE",
        message: expect.stringMatching(/^\S+ holds the run's own networks.*choose another folder$/),
      });
    expect(fingerprint(folder)).toEqual(before);
  });

  it("of what is no run, or has nothing yet, is refused with what to do", async () => {
    const to = join(folders.make(), "networks");
    const none = folders.make();
    await expect(exportNetworks({ run: none, to })).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/is no run folder .*pdiff run RECIPE/),
    });
    const unfinished = folders.make();
    cpSync(folder, unfinished, { recursive: true });
    rmSync(join(unfinished, "samples"), { recursive: true });
    await expect(exportNetworks({ run: unfinished, to })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/samples.index\.json is missing .*make them first: pdiff sample \S+$/),
    });
    expect(existsSync(to)).toBe(false);
  });

  it.each(["base/network", "samples/0003"])("of a run whose %s was spoilt is refused", async (name) => {
    const spoilt = folders.make();
    cpSync(folder, spoilt, { recursive: true });
    const file = join(spoilt, `${name}.safetensors`);
    truncateSync(file, readFileSync(file).length - 4);
    await expect(exportNetworks({ run: spoilt, to: folders.make() })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining(`${file} was changed after it was written`),
    });
  });
});

describe("a state dict", () => {
  /** Of a network at its published size, its values slices of one array. */
  function stateDict(name: string, names: "timm" | "torchvision", batchesTracked = 391) {
    const { layout } = classifier(networkOf(networkSchema.parse({ name })), {
      channels: 3,
      height: 224,
      width: 224,
      classes: 1000,
    });
    const shared = new Float32Array(Math.max(...layout.entries.map(({ size }) => size)));
    const values = new Map(layout.entries.map((entry) => [entry.name, shared.subarray(0, entry.size)]));
    return stateDictOf({ name, layout, values, batchesTracked }, names);
  }
  const lines = (tensors: ReturnType<typeof stateDict>) =>
    tensors.map(({ name, shape }) => `${name} ${shape.join("x")}`);
  const sha256 = (text: readonly string[]) =>
    createHash("sha256")
      .update(text.map((line) => `${line}\n`).join(""))
      .digest("hex");

  it.each(Object.entries(fixture))("of %s has timm's names and shapes, in its order", (name, { timm }) => {
    const tensors = lines(stateDict(name, "timm"));
    expect(tensors).toHaveLength(timm.count);
    expect(tensors).toEqual(expect.arrayContaining(timm.some));
    expect(sha256(tensors)).toBe(timm.sha256);
  });

  it.each(Object.entries(fixture))("of %s has torchvision's names and shapes on request", (name, { torchvision }) => {
    const tensors = lines(stateDict(name, "torchvision")).filter((line) => !line.includes("num_batches_tracked"));
    expect(tensors).toHaveLength(torchvision.count);
    expect(sha256(tensors.sort())).toBe(torchvision.sha256);
  });

  it("counts batches in an int64 scalar after every running variance", () => {
    const tensors = stateDict("resnet18", "timm", 1234);
    const counters = tensors.filter(({ name }) => name.endsWith(".num_batches_tracked"));
    expect(counters).toHaveLength(20);
    for (const counter of counters) {
      expect(counter).toMatchObject({ shape: [], data: BigInt64Array.of(1234n) });
      const before = tensors[tensors.indexOf(counter) - 1]!;
      expect(before.name).toBe(counter.name.replace("num_batches_tracked", "running_var"));
    }
  });

  it("holds the values that it is given, each under its name", () => {
    const { layout } = classifier(networkOf({ name: "convnext-mini" }), {
      channels: 3,
      height: 32,
      width: 32,
      classes: 10,
    });
    const values = new Map(layout.entries.map(({ name, size }) => [name, fill(name, size)]));
    const network = { name: "convnext_tiny", layout, values, batchesTracked: 0 } as const;
    const [ours, theirs] = [stateDictOf(network, "timm"), stateDictOf(network, "torchvision")];
    for (const [i, { name }] of layout.entries.entries()) {
      expect(ours[i]!.name).toBe(name);
      expect(ours[i]!.data).toBe(values.get(name));
      expect(theirs[i]!.data).toBe(ours[i]!.data);
    }
    expect(theirs.map(({ name }) => name)).toContain("features.1.0.layer_scale");
  });

  it("is written with float32 values and int64 counters", async () => {
    const file = join(folders.make(), "norm.safetensors");
    const layout = layoutOf([{ name: "bn1.running_var", shape: [2], kind: "running-variance" }]);
    const values = new Map([["bn1.running_var", Float32Array.of(1, 2)]]);
    await writeSafetensors(file, stateDictOf({ name: "resnet18", layout, values, batchesTracked: 7 }, "timm"));
    expect([...(await readHeader(file)).tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ["bn1.running_var", "F32", [2]],
      ["bn1.num_batches_tracked", "I64", []],
    ]);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { floats, modelOf, node } from "../../../test/support/onnx-model.ts";
import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { writeSafetensors } from "../../checkpoints/index.ts";
import { parseOnnx } from "../../graph/index.ts";
import { layoutOf, restrict } from "../../layout/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { networkZoo } from "./network-files.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const draw = (k: number, name: string) => normal(foldIn(key(3), k, name), 3);
const ones = (name: string) => floats(name, [3], [1, 1, 1]);

/** Three scales, one after another. */
const scales = (...names: readonly [string, string, string]) => [
  node("Mul", ["x", names[0]], "a"),
  node("Mul", ["a", names[1]], "b"),
  node("Mul", ["b", names[2]], "y"),
];

/** Writes a model and four checkpoints, and reads what there is to know of them. */
async function zooOf({
  model,
  valuesOf,
  select,
  base,
}: {
  readonly model: Uint8Array;
  readonly valuesOf: (k: number) => Readonly<Record<string, Float32Array>>;
  readonly select: readonly string[];
  readonly base?: ReadonlyMap<string, Float32Array>;
}) {
  const folder = folders.make();
  const file = join(folder, "net.onnx");
  writeFileSync(file, model);
  for (let k = 0; k < 4; k++)
    await writeSafetensors(
      join(folder, `step-${k}.safetensors`),
      Object.entries(valuesOf(k)).map(([name, data]) => ({ name, shape: [3], data })),
    );
  const layout = layoutOf([...parseOnnx(model).initialisers].map(([name, { shape }]) => ({ name, shape })));
  const chosen = restrict(layout, new Set(select));
  const recipe = {
    zoo: { files: join(folder, "*.safetensors"), key: undefined },
    network: { name: "onnx", file },
  } as const;
  return { folder, zoo: await networkZoo(recipe, { network: { layout }, chosen }, base) };
}

const names = ["ln1.weight", "ln2.weight", "head.weight"] as const;
const separate = (k: number) => Object.fromEntries(names.map((name) => [name, draw(k, name)]));

describe("checkpoints of an exported network", () => {
  const apart = modelOf(scales(...names), { initializer: names.map(ones) });

  it("are refused where its exporter merged tensors that differ in them, naming these and the cure", async () => {
    const merged = modelOf(scales("ln1.weight", "ln1.weight", "head.weight"), {
      initializer: [ones("ln1.weight"), ones("head.weight")],
    });
    await expect(zooOf({ model: merged, valuesOf: separate, select: ["head.weight"] })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/lacks ln2\.weight, and uses ln1\.weight in 2 places.*optimize=False/),
    });
  });

  it("are read where merged tensors keep their names in Identity nodes, each in its own place", async () => {
    const model = modelOf([node("Identity", ["ln1.weight"], "ln2.weight"), ...scales(...names)], {
      initializer: [ones("ln1.weight"), ones("head.weight")],
    });
    const { folder, zoo } = await zooOf({ model, valuesOf: separate, select: names });
    expect(zoo.warnings).toEqual([]);
    const reader = await zoo.open(join(folder, "step-2.safetensors"));
    for (const { name, offset } of zoo.layout.entries) {
      const values = new Float32Array(3);
      await reader.read(offset, offset + 3, values);
      expect([name, values]).toEqual([name, draw(2, name)]);
    }
    await reader.close();
  });

  it("are read where a tensor is used twice that has two equal names in all of them", async () => {
    const shared = modelOf(scales("ln1.weight", "ln1.weight", "head.weight"), {
      initializer: [ones("ln1.weight"), ones("head.weight")],
    });
    const tied = (k: number) => ({ ...separate(k), "ln2.weight": draw(k, "ln1.weight") });
    const { zoo } = await zooOf({ model: shared, valuesOf: tied, select: ["ln1.weight", "head.weight"] });
    expect(zoo.warnings).toEqual([]);
  });

  it("are warned of where the network lacks a tensor that differs between them", async () => {
    const more = (k: number) => ({ ...separate(k), "aux.weight": draw(k, "aux") });
    const { zoo } = await zooOf({ model: apart, valuesOf: more, select: names });
    expect(zoo.warnings).toEqual([expect.stringMatching(/^the network has no aux\.weight, which differ/)]);
  });

  it("are warned of where tensors that are not generated are others than the network's", async () => {
    const frozen = (k: number) => ({ ...separate(0), "head.weight": draw(k, "head") });
    const given = { model: apart, valuesOf: frozen, select: ["head.weight"] };
    const own = new Map(Object.entries(separate(0)));
    expect((await zooOf({ ...given, base: own })).zoo.differing).toEqual([]);
    const other = new Map(own).set("ln2.weight", Float32Array.of(1, 1, 1));
    const { zoo } = await zooOf({ ...given, base: other });
    expect(zoo.differing).toEqual(["ln2.weight"]);
    expect(zoo.warnings).toEqual([expect.stringMatching(/^a tensor differs .*: ln2\.weight; .*the base network/)]);
  });

  it("are matched through a prefix that only the model has", async () => {
    const prefixed = modelOf(scales(...(names.map((name) => `net.${name}`) as [string, string, string])), {
      initializer: names.map((name) => ones(`net.${name}`)),
    });
    const { zoo } = await zooOf({ model: prefixed, valuesOf: separate, select: ["net.head.weight"] });
    expect(zoo.warnings).toEqual([expect.stringMatching(/net\.ln1\.weight, net\.ln2\.weight/)]);
  });
});

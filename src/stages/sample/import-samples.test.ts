import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readSafetensors, writeSafetensors } from "../../checkpoints/index.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** The tensors of a checkpoint of a run, under names with a prefix, some of them changed. */
async function away(
  file: string,
  to: string,
  change: (name: string, values: Float32Array) => Float32Array = (_, values) => values,
): Promise<void> {
  const { tensors, shapes } = await readSafetensors(file);
  await writeSafetensors(
    to,
    [...tensors].map(([name, values]) => ({
      name: `model.${name}`,
      shape: shapes.get(name) ?? [],
      data: change(name, Float32Array.from(values)),
    })),
  );
}

let trained: string;
let samples: string;
const zoo = { count: 6, heldOut: 2, references: 0, batch: 50, lr: 1e-2, select: "fc2.*" };
beforeAll(async () => {
  trained = folders.make();
  await run(trained, { recipe: tinyRecipe({ ...tinyLinear, zoo }), stages: ["collect"] });
  samples = folders.make();
});

/** Imports samples into a run that trains its own zoo. */
async function imported(count: number, more: object = {}): Promise<string> {
  const folder = folders.make();
  const recipe = tinyRecipe({
    ...tinyLinear,
    zoo: { ...zoo, reuse: trained },
    generator: "files",
    sample: { files: samples, count, ...more },
  });
  await run(folder, { recipe, stages: ["collect", "fit", "sample"] });
  return folder;
}

describe("samples of another generator", () => {
  it("are found under names with a prefix, and may be of a zoo that was trained here", async () => {
    for (const i of [1, 2, 3]) await away(join(trained, `zoo/000${i}.safetensors`), join(samples, `${i}.safetensors`));
    const folder = await imported(3);
    const [ours, theirs] = await Promise.all(
      [join(folder, "samples/0002.safetensors"), join(trained, "zoo/0002.safetensors")].map((file) =>
        readSafetensors(file),
      ),
    );
    expect(ours?.tensors).toEqual(theirs?.tensors);
    const index = JSON.parse(readFileSync(join(folder, "samples/index.json"), "utf8"));
    expect(index).toMatchObject({ count: 3, generator: "files", differing: [], sources: { length: 3 } });
  });

  it("are kept when they repeat one another", async () => {
    await away(join(trained, "zoo/0003.safetensors"), join(samples, "4.safetensors"));
    const folder = await imported(4);
    expect(existsSync(join(folder, "samples/0004.safetensors"))).toBe(true);
  });

  it("are refused when there are fewer than the recipe says, or one is not finite", async () => {
    await expect(imported(9)).rejects.toThrow("there are 4 samples (sample.files), and sample.count takes 9");
    const file = join(samples, "5.safetensors");
    await away(join(trained, "zoo/0004.safetensors"), file, (name, values) =>
      name === "fc2.bias" ? values.fill(Number.NaN) : values,
    );
    await expect(imported(5)).rejects.toThrow(/5\.safetensors holds numbers that are not finite in fc2\.bias/);
  });

  it("may have other tensors that differ from the base network, which the index names", async () => {
    const file = join(samples, "5.safetensors");
    await away(join(trained, "base/network.safetensors"), file, (name, values) =>
      name === "fc1.bias" ? values.map((x) => x + 1) : values,
    );
    const folder = await imported(5);
    const index = JSON.parse(readFileSync(join(folder, "samples/index.json"), "utf8"));
    expect(index.differing).toEqual(["fc1.bias"]);
  });
});

import { join } from "node:path";

import { afterAll, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { readStateDict, writeSafetensors } from "../../checkpoints/index.ts";
import { layoutOf } from "../../layout/index.ts";
import { key, normal } from "../../random/index.ts";
import { overTemplate } from "./over-template.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

it("writes what always equals a generated tensor with it", async () => {
  const folder = folders.make();
  const template = join(folder, "template.safetensors");
  const data = Float32Array.of(1, 2);
  await writeSafetensors(
    template,
    ["wte", "head", "other"].map((name) => ({ name, shape: [2], data })),
  );
  const chosen = layoutOf([{ name: "wte", shape: [2] }]);
  const { write } = await overTemplate(template, { chosen, tied: { head: "wte", gone: "wte" } });
  await write(join(folder, "new.safetensors"), new Map([["wte", Float32Array.of(5, 6)]]));
  const { tensors } = await readStateDict(join(folder, "new.safetensors"));
  expect([...tensors.values()].map((values) => [...values])).toEqual([
    [5, 6],
    [5, 6],
    [1, 2],
  ]);
});

it("computes the vectors of a spectral normalisation from the generated weight", async () => {
  const folder = folders.make();
  const template = join(folder, "template.safetensors");
  const names = ["weight_orig", "weight_u", "weight_v"] as const;
  const shapes = [[3, 4], [3], [4]];
  await writeSafetensors(
    template,
    names.map((name, i) => ({
      name: `fc.${name}`,
      shape: shapes[i] ?? [],
      data: normal(
        key(i),
        (shapes[i] ?? []).reduce((a, b) => a * b, 1),
      ),
    })),
  );
  const { write } = await overTemplate(template, { chosen: layoutOf([{ name: "fc.weight_orig", shape: [3, 4] }]) });
  const weight = Float32Array.of(1, 0, 0, 0, 0, 0, 4, 0, 0, 2, 0, 0);
  await write(join(folder, "new.safetensors"), new Map([["fc.weight_orig", weight]]));
  const { tensors } = await readStateDict(join(folder, "new.safetensors"));
  const [u, v] = ["fc.weight_u", "fc.weight_v"].map((name) => [...(tensors.get(name) ?? [])].map(Math.abs));
  for (const [i, x] of [0, 1, 0].entries()) expect(u?.[i]).toBeCloseTo(x, 5);
  for (const [i, x] of [0, 0, 1, 0].entries()) expect(v?.[i]).toBeCloseTo(x, 5);
});

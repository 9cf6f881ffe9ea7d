/** Whatever takes long with many networks stops when it is asked to. */
import { expect, it } from "vitest";

import { Interrupted } from "../errors.ts";
import { layoutOf } from "../layout/index.ts";
import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { choice } from "./best-of-n.ts";
import { resample } from "./bootstrap.ts";
import { copying } from "./data-copying.ts";
import { distances } from "./distances.ts";
import { embed } from "./embedding.ts";
import { distanceMeter } from "./nearest-distance.ts";
import { greatest, meanBetween, meanWithin, mistakes, similarityMatrix } from "./similarity.ts";
import { similarityByCount } from "./similarity-by-count.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const signal = AbortSignal.abort();
const [N, D] = [8, 3];
const values = normal(key(1), N * D);
const test = mistakes(
  normal(key(2), N * 20).map((x) => (x > 1 ? 1 : 0)),
  new Uint8Array(20),
);

it.each<[string, () => Promise<unknown>]>([
  [
    "the distances to the originals",
    () =>
      distanceMeter({
        originals: values,
        layout: layoutOf([{ name: "w", shape: [D] }]),
        trajectory: false,
        device,
        signal,
      }),
  ],
  ["the distances to the mean", () => distances(values, values, D, signal)],
  [
    "an embedding by principal components",
    () => embed({ method: "pca", vectors: values, dimension: D, seed: 1, signal }),
  ],
  ["an embedding by t-SNE", () => embed({ method: "tsne", vectors: values, dimension: D, seed: 1, signal })],
  ["an embedding by UMAP", () => embed({ method: "umap", vectors: values, dimension: D, seed: 1, signal })],
  ["all similarities", () => similarityMatrix(test, test, signal)],
  ["the similarity within a group", () => meanWithin(test, signal)],
  ["the similarity between groups", () => meanBetween(test, test, signal)],
  ["the most similar networks", () => greatest(test, test, signal)],
  [
    "the similarity by the number of originals",
    () => similarityByCount(test, [{ name: "samples", test }], key(3), signal),
  ],
  ["resampling", () => resample(N, key(4), { signal })],
  ["the test for copying", () => copying({ samples: values, heldOut: values, key: key(5), signal })],
  [
    "the best of many",
    async () => choice({ selection: test, test, images: await resample(20, key(7)), key: key(6), signal }),
  ],
])("stops %s when the signal has aborted", async (_, run) => {
  await expect(run()).rejects.toThrow(Interrupted);
});

/**
 * npm run bench:evaluation [-- --checkpoints N] [--images N] [--measured N] [--full N]
 *
 * Many checkpoints of a ResNet-18 that differ in its last two normalisation layers: what they share
 * runs once for each chunk of images. Beside it, each checkpoint as the whole network, as
 * evaluation without sharing would do it. Both take turns, chunk by chunk; of the first only
 * `measured` checkpoints run, of the second `full`, as the time of either grows in proportion, and
 * the totals are for all.
 */

import { parseArgs } from "node:util";
import type { Preparation, Split } from "../src/data/index.ts";
import { batchFiller } from "../src/data/index.ts";
import { evaluator } from "../src/evaluation/index.ts";
import { foldIn, integers, key, normal } from "../src/random/index.ts";
import { nodeDevice } from "../src/runtime-node/index.ts";
import { lastNorms } from "./cases.ts";

const { values: options } = parseArgs({
  options: {
    checkpoints: { type: "string", default: "400" },
    images: { type: "string", default: "2000" },
    measured: { type: "string", default: "40" },
    full: { type: "string", default: "2" },
  },
});
const [checkpoints, images, measured, full] = [options.checkpoints, options.images, options.measured, options.full].map(
  Number,
) as [number, number, number, number];

const BATCH = 100;
const shape = { channels: 3, height: 32, width: 32 };
const { network, chosen, frozen } = lastNorms("cifar", { ...shape, classes: 10 });
const { layout } = network;
const device = nodeDevice({ name: "cpu", threads: 1 });
const preparation: Preparation = { ...shape, view: null, augmentation: null, mean: [0, 0, 0], std: [1, 1, 1] };
const chunk = (i: number): Split => ({
  count: BATCH,
  pixels: {
    type: "memory",
    ...shape,
    bytes: Uint8Array.from(integers(foldIn(key(2), i), BATCH * 3072, 256)),
  },
  labels: new Uint8Array(BATCH),
});
const vectors = (size: number, count: number) =>
  Array.from({ length: count }, (_, i) => normal(foldIn(key(3), i), size).map((x) => x / 50));

const shared = await evaluator({
  openImages: batchFiller,
  logits: network.logits(BATCH),
  batch: BATCH,
  chosen,
  frozen,
  device,
});
const whole = await evaluator({
  openImages: batchFiller,
  logits: network.logits(BATCH),
  batch: BATCH,
  chosen: layout,
  frozen: new Map(),
  device,
});
const time = async (run: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
};
const [few, many, wholes] = [vectors(chosen.size, 1), vectors(chosen.size, measured), vectors(layout.size, full)];
for (const [predictor, some] of [
  [shared, few],
  [whole, wholes.slice(0, 1)],
] as const)
  await predictor.predict(preparation, chunk(0), some);
const seconds = { one: 0, many: 0, whole: 0 };
for (let i = 0; i < images / BATCH; i++) {
  const split = chunk(i);
  seconds.one += await time(() => shared.predict(preparation, split, few));
  seconds.many += await time(() => shared.predict(preparation, split, many));
  seconds.whole += await time(() => whole.predict(preparation, split, wholes));
}
await shared.release();
await whole.release();
// Straight lines through one and many checkpoints, and through nothing and the whole networks.
const each = (seconds.many - seconds.one) / (measured - 1);
const together = seconds.one + (checkpoints - 1) * each;
const apart = (checkpoints * seconds.whole) / full;
console.log(
  `${checkpoints} checkpoints on ${images} images: sharing ${together.toFixed(0)} s (${seconds.one.toFixed(1)} s for the first, ${each.toFixed(3)} s for each other; ${measured} run), whole networks ${apart.toFixed(0)} s (${(seconds.whole / full).toFixed(2)} s each; ${full} run): ${(apart / together).toFixed(1)} times faster`,
);

import { afterEach, describe, expect, it } from "vitest";

import { key } from "../random/index.ts";
import type { Preparation } from "./data-set.ts";
import { type Feed, type FeedOptions, feed, stepsPerEpoch } from "./feed.ts";
import { memorySplit } from "./split.fixture.ts";

const COUNT = 10;
const preparation: Preparation = {
  channels: 3,
  height: 8,
  width: 8,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.2, 0.3],
  view: { size: 8, resize: null },
  augmentation: { crop: { type: "padded", padding: 2 }, flip: true, rotation: 10 },
};
const bytes = Uint8Array.from({ length: COUNT * 3 * 64 }, (_, i) => (i * 37) % 256);
const split = memorySplit(
  preparation,
  bytes,
  Uint8Array.from({ length: COUNT }, (_, i) => i),
);

const open: Feed[] = [];
function start(more: Partial<FeedOptions> = {}): Feed {
  const made = feed({ preparation, split, batch: 4, key: key(5), steps: 7, workers: 0, ...more });
  open.push(made);
  return made;
}
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** The batches of the steps from one on, copied, as their arrays are used again. */
async function batches(of: Feed, from: number, to: number) {
  const found = [];
  for (let step = from; step < to; step++) {
    const { images, labels } = await of.batch(step);
    found.push({ images: images.slice(), labels: labels.slice() });
  }
  return found;
}

describe("feed", () => {
  it("visits every image of an epoch at most once, in an order that changes with the epoch", async () => {
    const made = await batches(start(), 0, 4);
    const perEpoch = stepsPerEpoch(COUNT, 4);
    expect(perEpoch).toBe(2);
    const [first, second] = [made.slice(0, 2), made.slice(2)].map((epoch) =>
      epoch.flatMap(({ labels }) => [...labels]),
    );
    expect(new Set(first).size).toBe(8);
    expect(new Set(second).size).toBe(8);
    expect(first).not.toEqual(second);
  });

  it("augments an image differently in each epoch, by the key", async () => {
    const all = { ...preparation, augmentation: null };
    const plain = await batches(start({ preparation: all }), 0, 1);
    const [augmented] = await batches(start(), 0, 1);
    expect(augmented!.labels).toEqual(plain[0]!.labels);
    expect(augmented!.images).not.toEqual(plain[0]!.images);
    const one = { split: memorySplit(preparation, bytes.subarray(0, 192), Uint8Array.of(0)), batch: 1 };
    const epochs = await batches(start(one), 0, 5);
    expect(new Set(epochs.map(({ images }) => images.join())).size).toBeGreaterThan(1);
    expect(await batches(start({ ...one, key: key(6) }), 0, 5)).not.toEqual(epochs);
  });

  it("gives the same batches with any number of threads, and from any step on", { timeout: 60_000 }, async () => {
    const here = await batches(start(), 0, 7);
    expect(await batches(start({ workers: 1 }), 0, 7)).toEqual(here);
    expect(await batches(start({ workers: 3 }), 0, 7)).toEqual(here);
    expect(await batches(start({ workers: 2 }), 3, 7)).toEqual(here.slice(3));
    expect(await batches(start(), 5, 7)).toEqual(here.slice(5));
  });

  it("repeats images when the split is smaller than a batch", async () => {
    const [batch] = await batches(start({ batch: 25 }), 0, 1);
    const counts = new Map<number, number>();
    for (const label of batch!.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    expect([...counts.values()].sort()).toEqual([2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  });

  it("throws the error of a thread", { timeout: 60_000 }, async () => {
    const lost = {
      ...split,
      pixels: {
        type: "pack" as const,
        file: "/nowhere/images.pack",
        channels: 3,
        offsets: new Float64Array(COUNT),
        heights: new Uint32Array(COUNT).fill(8),
        widths: new Uint32Array(COUNT).fill(8),
      },
    };
    await expect(batches(start({ split: lost, workers: 1 }), 0, 1)).rejects.toThrow("images.pack");
  });
});

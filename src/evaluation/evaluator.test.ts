import { describe, expect, it } from "vitest";

import { fill, fillIntegers } from "../../test/support/fill.ts";
import { layoutOf, restrict, select, unflatten } from "../checkpoints/index.ts";
import type { DataSet, Split } from "../data/index.ts";
import { input } from "../graph/index.ts";
import { network } from "../networks/index.ts";
import { trace } from "../nn/index.ts";
import type { Device } from "../runtime/index.ts";
import { evaluator } from "./index.ts";

const device: Device = { name: "cpu", threads: 1 };
const BATCH = 8;
const CLASSES = 5;

const shape = { channels: 1, height: 12, width: 12 };

const split = (name: string, count: number): Split => ({
  count,
  pixels: { type: "memory", ...shape, bytes: Uint8Array.from(fillIntegers(name, count * 144, 256)) },
  labels: Uint8Array.from(fillIntegers(`${name} labels`, count, CLASSES)),
});

const data: DataSet = {
  name: "made up",
  ...shape,
  view: null,
  augmentation: null,
  classes: CLASSES,
  classNames: [..."abcde"],
  mean: [0.5],
  std: [0.3],
  train: split("train", 1),
  // Not a multiple of the batch: the last chunk is not full.
  selection: split("selection", 21),
  test: split("test", 16),
  sources: [],
  skipped: [],
};

const cnn = network({ name: "cnn", channels: [3, 4], kernel: 3, hidden: [6], colour: false });
const logits = (batch = BATCH) =>
  trace((at) => cnn(at, input("images", [batch, 1, 12, 12]), CLASSES), { training: false });
const layout = layoutOf(logits().parameters);
/** Whole networks. */
const networks = [1, 2, 3, 4].map((i) => fill(`network ${i}`, layout.size, -0.5, 0.5));

/** Predictions of whole networks, with nothing frozen and a batch that holds all images. */
async function expected(whole: readonly Float32Array[], of: Split): Promise<Uint16Array> {
  const options = { batch: of.count, logits: logits(of.count), chosen: layout, frozen: new Map(), device };
  const judge = await evaluator(options);
  const predicted = await judge.predict(data, of, whole);
  await judge.release();
  return predicted;
}

describe("an evaluator", () => {
  it("predicts the same in chunks, the last one not full, as at once", async () => {
    const judge = await evaluator({ batch: BATCH, logits: logits(), chosen: layout, frozen: new Map(), device });
    for (const of of [data.selection, data.test]) {
      const predicted = await judge.predict(data, of, networks);
      expect(predicted).toEqual(await expected(networks, of));
      expect(new Set(predicted).size).toBeGreaterThan(1);
    }
    await judge.release();
  });

  it.each(["last-layers:1", "fc1.*", "conv2.weight", "conv1.bias", "conv1.*,fc2.*", "fc2.bias"])(
    "that shares what %s leaves alone predicts as the whole networks do",
    async (selection) => {
      const chosen = restrict(layout, new Set(select(layout, selection).map((e) => e.name)));
      const base = unflatten(layout, networks[0]!);
      const merged = networks.map((network) => {
        const own = unflatten(layout, network);
        const whole = layout.entries.map(
          ({ name }) => (chosen.entries.some((e) => e.name === name) ? own : base).get(name)!,
        );
        return Float32Array.from(whole.flatMap((tensor) => [...tensor]));
      });
      const parts = networks.map((network) => {
        const own = unflatten(layout, network);
        return Float32Array.from(chosen.entries.flatMap((e) => [...own.get(e.name)!]));
      });
      const judge = await evaluator({ batch: BATCH, logits: logits(), chosen, frozen: base, device });
      expect(await judge.predict(data, data.selection, parts)).toEqual(await expected(merged, data.selection));
      await judge.release();
    },
  );

  it("tells how many images more are done, at every 25th checkpoint and at the last", async () => {
    const judge = await evaluator({ batch: BATCH, logits: logits(), chosen: layout, frozen: new Map(), device });
    const seen: number[] = [];
    const many = Array.from({ length: 27 }, (_, i) => networks[i % networks.length]!);
    await judge.predict(data, data.selection, many, (more) => void seen.push(more));
    expect(seen).toEqual([8 * 25, 8 * 2, 8 * 25, 8 * 2, 5 * 25, 5 * 2]);
    await judge.release();
  });
});

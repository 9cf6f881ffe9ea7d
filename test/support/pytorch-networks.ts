/** Suites of task networks that the oracle scripts write in PyTorch. */
import { describe, expect, it } from "vitest";

import { gradients, input, type Shape, sizeOf } from "../../src/graph/index.ts";
import type { Network } from "../../src/networks/index.ts";
import { adamw, crossEntropy, trace } from "../../src/nn/index.ts";
import { key } from "../../src/random/index.ts";
import { compile, type Data } from "../../src/runtime/index.ts";
import { trainer } from "../../src/training/index.ts";
import fixture from "../fixtures/networks.json" with { type: "json" };
import { DEVICE_TIMEOUT_MS, onEachDevice, slack } from "./devices.ts";
import { fill, fillIntegers } from "./fill.ts";
import { type Fixture, relativeError } from "./fixtures.ts";
import { oneStep } from "./one-step.ts";

const expected = fixture as unknown as Fixture;
const BATCH = 6;
const CLASSES = 10;

/** Networks and the shapes of their images, by their names in test/oracle/networks.py. */
export type Networks = Readonly<Record<string, readonly [Network, Shape]>>;

/** A batch; the left half of the images is flat, so that pooling meets equal maxima. */
function batch(shape: Shape, step: number): Record<string, Data> {
  const width = shape.at(-1)!;
  const images = fill(`images${step}`, BATCH * sizeOf(shape));
  for (let i = 0; i < images.length; i++) if (i % width < Math.floor(width / 2)) images[i] = 0;
  return { images, labels: fillIntegers(`labels${step}`, BATCH, CLASSES) };
}

/** Compares tensors, logits, gradients and three steps of training with PyTorch's. */
export function itMatchesPyTorch(cases: Networks): void {
  onEachDevice("agrees with PyTorch", (device) => {
    describe.each(Object.entries(cases))("%s", (name, [build, shape]) => {
      const traced = trace(
        (at) => {
          const logits = build(at, input("images", [BATCH, ...shape]), CLASSES);
          return { loss: crossEntropy(logits, input("labels", [BATCH], "int32")), logits };
        },
        { training: true },
      );
      const { shapes, ...arrays } = expected[name]!;
      const parameters = traced.parameters.map(({ name, shape }) => {
        const weight = shapes[name.replace("bias", "weight")]!;
        const bound = sizeOf(weight.slice(1)) ** -0.5;
        return [name, fill(name, sizeOf(shape), -bound, bound)] as const;
      });

      it("declares PyTorch's tensors in its order", () => {
        expect(traced.parameters.map((p) => [p.name, p.shape])).toEqual(Object.entries(shapes));
      });

      it("computes PyTorch's logits and gradients", { timeout: DEVICE_TIMEOUT_MS }, async () => {
        const { loss, logits } = traced.outputs;
        const leaves = traced.parameters.map((p) => p.leaf);
        const wanted = gradients(loss, leaves).map((g, i) => [`gradient ${traced.parameters[i]!.name}`, g]);
        const program = await compile({ logits, ...Object.fromEntries(wanted) }, device);
        const results = await program.run({ ...batch(shape, 0), ...Object.fromEntries(parameters) });
        await program.release();
        for (const [what, values] of Object.entries(results))
          expect(relativeError(values as Float32Array, arrays[what]!), what).toBeLessThan(2e-6 * slack(device));
      });

      it("matches PyTorch after three steps of AdamW", { timeout: DEVICE_TIMEOUT_MS }, async () => {
        const model = await trainer({ traced, optimiser: adamw({ weightDecay: 5e-4 }), device });
        const initial = Float32Array.from(parameters.flatMap(([, values]) => [...values]));
        model.start(initial);
        for (let step = 0; step < 3; step++) {
          const loss = await oneStep(model, batch(shape, step), 1e-3, key(0));
          expect(relativeError([loss], arrays[`loss ${step}`]!)).toBeLessThan(2e-6 * slack(device));
          const moved = (await model.read("theta")).map((value, i) => value - initial[i]!);
          expect(relativeError(moved, arrays[`moved ${step}`]!)).toBeLessThan(1e-4 * slack(device));
        }
        await model.release();
      });
    });
  });
}

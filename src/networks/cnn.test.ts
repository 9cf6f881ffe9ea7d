import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/networks.json" with { type: "json" };
import { DEVICE_TIMEOUT_MS, onEachDevice, slack } from "../../test/support/devices.ts";
import { fill, fillIntegers } from "../../test/support/fill.ts";
import { type Fixture, relativeError } from "../../test/support/fixtures.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { gradients, input, type Shape, sizeOf } from "../graph/index.ts";
import { adamw, crossEntropy, trace } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { compile, type Data } from "../runtime/index.ts";
import { trainer } from "../training/index.ts";
import { type NetworkOptions, network } from "./registry.ts";

const expected = fixture as unknown as Fixture;
const BATCH = 6;
const CLASSES = 10;

/** The networks of test/oracle/networks.py and the shapes of their images. */
const cases: Readonly<Record<string, [NetworkOptions, Shape]>> = {
  cnn: [{ name: "cnn", channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true }, [1, 32, 32]],
  "cnn of colour images": [{ name: "cnn", channels: [4, 6], kernel: 5, hidden: [], colour: true }, [3, 20, 20]],
  "cnn of grey images, as they are": [
    { name: "cnn", channels: [4, 5], kernel: 3, hidden: [12, 8], colour: false },
    [1, 18, 18],
  ],
  mlp: [{ name: "mlp", hidden: [16, 12] }, [1, 7, 7]],
};

/** A batch; the left half of the images is flat, so that pooling meets equal maxima. */
function batch(shape: Shape, step: number): Record<string, Data> {
  const width = shape.at(-1)!;
  const images = fill(`images${step}`, BATCH * sizeOf(shape));
  for (let i = 0; i < images.length; i++) if (i % width < Math.floor(width / 2)) images[i] = 0;
  return { images, labels: fillIntegers(`labels${step}`, BATCH, CLASSES) };
}

onEachDevice("task networks", (device) => {
  describe.each(Object.entries(cases))("%s", (name, [options, shape]) => {
    const traced = trace(
      (at) => {
        const logits = network(options)(at, input("images", [BATCH, ...shape]), CLASSES);
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

it("has 10 853 parameters as in the paper", () => {
  const images = input("images", [1, 1, 32, 32]);
  const { parameters } = trace((at) => network(cases.cnn![0])(at, images, CLASSES), { training: false });
  expect(parameters.reduce((sum, p) => sum + sizeOf(p.shape), 0)).toBe(10_853);
});

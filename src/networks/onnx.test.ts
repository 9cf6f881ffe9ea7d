import { describe, expect, it } from "vitest";

import { relativeError, sketch } from "../../test/support/fixtures.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { onnxBatch, onnxBytes, onnxNetworks, onnxUntrained } from "../../test/support/onnx-skeleton.ts";
import { itThoroughly } from "../../test/support/thorough.ts";
import { gradients, input, instantiate, pack, parseOnnx, partition, sizeOf } from "../graph/index.ts";
import { adamw } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { trainer } from "../training/index.ts";
import { classifier } from "../zoo/index.ts";
import { onnxNetwork } from "./onnx.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });
const networks = Object.entries(onnxNetworks);
const norm = (values: ArrayLike<number>): number => Math.hypot(...Float64Array.from(values));

/** A network of the fixtures as a classifier of ours. */
function imported(network: Parameters<typeof onnxBytes>[0]) {
  const model = parseOnnx(onnxBytes(network));
  const [channels, height, width] = network.image as [number, number, number];
  return { model, net: classifier(onnxNetwork(model), { channels, height, width, classes: 10 }) };
}

/** Exports by the older exporter of large networks that the newer one exported as well. */
const isRepeat = (name: string) => /^(convnext|vit|resnet18)-.*torchscript/.test(name);

describe.each(networks)("a network that PyTorch exported: %s", (name, network) => {
  it("computes PyTorch's logits from its own tensors", async () => {
    const { model, net } = imported(network);
    const { outputs, parameters, buffers } = net.logits(network.batch);
    const program = await compile({ logits: outputs }, device);
    const tensors = [...parameters, ...buffers].map(({ name }) => [name, model.initialisers.get(name)!.data] as const);
    const { images } = onnxBatch(network, 0);
    const feeds = Object.fromEntries(tensors.filter(([name]) => program.inputs.has(name)));
    const { logits } = await program.run({ images, ...feeds });
    await program.release();
    expect(relativeError(logits as Float32Array, network.logits)).toBeLessThan(1e-5);
  });

  (isRepeat(name) ? itThoroughly : it)("computes PyTorch's gradients", async () => {
    const { model, net } = imported(network);
    const { outputs, parameters, buffers } = net.loss(network.batch);
    const trained = parameters.filter(({ name }) => network.gradients[name] !== undefined);
    expect(trained.map(({ name }) => name).sort()).toEqual(Object.keys(network.gradients).sort());
    const gradient = pack(
      gradients(
        outputs.loss,
        trained.map(({ leaf }) => leaf),
      ),
    );
    const program = await compile({ gradient }, device);
    const feeds = Object.fromEntries(
      [...parameters, ...buffers]
        .filter(({ name }) => program.inputs.has(name))
        .map(({ name }) => [name, model.initialisers.get(name)!.data]),
    );
    const run = await program.run({ ...onnxBatch(network, 0), ...feeds });
    await program.release();
    const flat = run.gradient as Float32Array;
    const floor = norm(trained.map(({ name }) => norm(network.gradients[name]!))) / 1000;
    let offset = 0;
    for (const { name, shape } of trained) {
      const values = flat.subarray(offset, (offset += sizeOf(shape)));
      expect(relativeError(sketch(values, 16, 16), network.gradients[name]!, floor), name).toBeLessThan(1e-4);
    }
  });

  (isRepeat(name) ? itThoroughly : it)("matches PyTorch after three steps of AdamW", async () => {
    const { model, net } = imported(network);
    const traced = net.loss(network.batch, "running");
    const frozen = new Map(
      [...traced.parameters, ...traced.buffers]
        .filter(({ name }) => network.moved[name] === undefined)
        .map(({ name }) => [name, model.initialisers.get(name)!.data]),
    );
    const run = await trainer({ traced, optimiser: adamw({ weightDecay: 5e-4, eps: 1e-3 }), frozen, device });
    run.initialise(key(1));
    const before = await run.read("theta");
    for (let step = 0; step < 3; step++) {
      const loss = await oneStep(run, onnxBatch(network, step), 1e-3, key(0));
      expect(relativeError([loss], [network.losses[step]!])).toBeLessThan(1e-5);
    }
    const moved = (await run.read("theta")).map((value, i) => value - before[i]!);
    await run.release();
    const floor = norm(run.trainable.map(({ name }) => norm(network.moved[name]!))) / 1000;
    let offset = 0;
    for (const { name, shape } of run.trainable) {
      const values = moved.subarray(offset, (offset += sizeOf(shape)));
      expect(relativeError(sketch(values, 16, 16), network.moved[name]!, floor), name).toBeLessThan(1e-3);
    }
  });

  it("has most of its cost in the frozen prefix when only its head is generated", () => {
    const { net } = imported(network);
    const { outputs, parameters } = net.logits(network.batch);
    const head = parameters.filter(
      ({ name }) =>
        network.tensors[name]?.[0].startsWith("fc.") || /head|classifier/.test(network.tensors[name]?.[0] ?? ""),
    );
    const { prefix, suffix } = partition(
      [outputs],
      head.map(({ leaf }) => leaf),
    );
    expect(Object.keys(prefix).length).toBeGreaterThan(0);
    expect(suffix).toHaveLength(1);
  });
});

describe("a network whose equal tensors the exporter merged", () => {
  it("computes PyTorch's logits", async () => {
    const model = parseOnnx(onnxBytes(onnxUntrained));
    const images = input("images", [onnxUntrained.batch, ...onnxUntrained.image]);
    const outputs = instantiate(model, { inputs: { images } });
    const program = await compile({ logits: outputs.get(model.outputs[0]!)! }, device);
    const { logits } = await program.run({ images: onnxBatch(onnxUntrained, 0).images });
    await program.release();
    expect(relativeError(logits as Float32Array, onnxUntrained.logits)).toBeLessThan(1e-5);
  });
});

describe("an imported network that does not fit the data", () => {
  it("is refused with the difference", () => {
    const model = parseOnnx(onnxBytes(onnxNetworks["cnn-dynamo"]!));
    const shape = { channels: 3, height: 32, width: 32, classes: 10 };
    expect(() => classifier(onnxNetwork(model), { ...shape, classes: 7 })).toThrow(
      "expected [1, 7]: one logit for each class of the data",
    );
    expect(() => classifier(onnxNetwork(model), { ...shape, channels: 1 })).toThrow(
      "takes [batch, 3, 32, 32], got [1, 1, 32, 32]",
    );
  });

  it("is refused where it takes a fixed number of images, with how to export another", () => {
    const model = parseOnnx(onnxBytes(onnxNetworks["cnn-dynamo"]!));
    const fixed = { ...model, inputs: model.inputs.map((each) => ({ ...each, shape: [2, ...each.shape.slice(1)] })) };
    expect(() => classifier(onnxNetwork(fixed), { channels: 3, height: 32, width: 32, classes: 10 })).toThrow(
      /takes 2 images at a time, expected any number; export it again with dynamic_shapes.*dynamic_axes/,
    );
  });
});

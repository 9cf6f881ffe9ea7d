import { describe, expect, it } from "vitest";

import { fill, fillIntegers } from "../../test/support/fill.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { cost, input, leaves, reduceMean, relu, type Shape, sizeOf, type Tensor, topological } from "../graph/index.ts";
import { network } from "../networks/index.ts";
import { adamw, batchNorm, conv, crossEntropy, linear, type Scope, sgd, type Traced, trace } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type Step, trainingStep } from "./step.ts";
import { trainer } from "./trainer.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });

type Loss = Traced<{ loss: Tensor }>;

/**
 * Everything that a network declared, but for the parameters that a pattern chooses; the values do
 * not matter.
 */
function frozenBut({ parameters, buffers }: Loss, chosen: RegExp): Map<string, Float32Array> {
  const still = [...parameters.filter(({ name }) => !chosen.test(name)), ...buffers];
  return new Map(still.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
}

const outputsOf = ({ state, loss }: Step): Tensor[] => [...Object.values(state).map(({ next }) => next), loss];

describe("a step of a residual network on 32 images", () => {
  const images = [32, 3, 32, 32];
  const traced = (statistics: Scope["statistics"]): Loss =>
    trace(
      (at) => {
        const logits = network({ name: "resnet18", stem: "cifar" })(at, input("images", images), 10);
        return { loss: crossEntropy(logits, input("labels", [32], "int32")) };
      },
      { training: true, statistics },
    );
  const modes = { batch: traced("batch"), running: traced("running") };
  const everything = trainingStep({ traced: modes.batch, optimiser: adamw() });

  /** Its convolutions: forward, through to the input, and for weights. */
  function convolutions(step: Step): [forward: number, through: number, weights: number] {
    const calls = topological(outputsOf(step));
    const count = (op: string) => calls.filter((call) => call.op.name === op).length;
    return [count("conv"), count("inputAdjoint"), count("weightAdjoint")];
  }

  it("has all its convolutions three times, but for the first, whose input are the images", () => {
    expect(convolutions(everything)).toEqual([20, 19, 20]);
    expect(Object.keys(everything.state)).toEqual(["theta", "m", "v", "buffers"]);
    expect(everything.moving).toHaveLength(40);
  });

  describe.each(["batch", "running"] as const)("with %s statistics, where all is frozen", (mode) => {
    const tuning = (chosen: RegExp) =>
      trainingStep({ traced: modes[mode], optimiser: adamw(), frozen: frozenBut(modes[mode], chosen) });

    it.each([
      ["the last two normalisations, passes one convolution", /^layer4\.1\.bn/, [20, 1, 0]],
      ["the classifier, passes none", /^fc\./, [20, 0, 0]],
      ["the last convolution, passes none and makes one weight gradient", /^layer4\.1\.conv2/, [20, 0, 1]],
      ["the first normalisation, passes all others", /^bn1\./, [20, 19, 0]],
      ["the first convolution, passes all others and makes one weight gradient", /^conv1\./, [20, 19, 1]],
    ])("but %s", (_, chosen, expected) => {
      expect(convolutions(tuning(chosen))).toEqual(expected);
    });

    it("but a part, keeps the state of that part and no statistics", () => {
      const step = tuning(/^layer4\.1\.bn/);
      expect(step.trainable.map(({ name }) => name)).toEqual([
        "layer4.1.bn1.weight",
        "layer4.1.bn1.bias",
        "layer4.1.bn2.weight",
        "layer4.1.bn2.bias",
      ]);
      expect(step.moving).toEqual([]);
      expect(Object.entries(step.state).map(([name, slot]) => [name, slot.input.shape])).toEqual([
        ["theta", [2048]],
        ["m", [2048]],
        ["v", [2048]],
      ]);
    });

    it("but a part, needs far less memory and arithmetic", () => {
      const costOf = (step: typeof everything) => cost(outputsOf(step), "anywhere");
      const [whole, part] = [costOf(everything), costOf(tuning(/^layer4\.1\.bn/))];
      // Beside the weights themselves, which a step needs whether they train or not.
      const weights = 4 * everything.state.theta!.input.shape[0]!;
      expect(part.peak - weights).toBeLessThan(0.2 * (whole.peak - weights));
      expect(part.flops).toBeLessThan(0.4 * whole.flops);
    });
  });

  it("uses frozen statistics only where they are to normalise", () => {
    for (const [mode, used] of [
      ["batch", 0],
      ["running", 40],
    ] as const) {
      const frozen = frozenBut(modes[mode], /^layer4\.1\.bn/);
      const found = leaves(outputsOf(trainingStep({ traced: modes[mode], optimiser: sgd(), frozen })));
      const constants = new Set(found.map(({ source }) => (source.kind === "constant" ? source.data : undefined)));
      const statistics = modes[mode].buffers.filter(({ name }) => constants.has(frozen.get(name)!));
      expect(statistics, mode).toHaveLength(used);
    }
  });
});

describe("batch normalisation while a part is trained", () => {
  const SHAPE: Shape = [2, 2, 6, 6];
  const build = (statistics: Scope["statistics"], training = true): Loss =>
    trace(
      (at) => {
        const x = conv(at.in("conv1"), input("images", SHAPE), { out: 4, kernel: 3 });
        const y = conv(at.in("conv2"), relu(batchNorm(at.in("bn1"), x)), { out: 3, kernel: 3 });
        const z = reduceMean(relu(batchNorm(at.in("bn2"), y)), { axes: [2, 3] });
        return { loss: crossEntropy(linear(at.in("fc"), z, { out: 5 }), input("labels", [2], "int32")) };
      },
      { training, statistics },
    );
  const valuesOf = ({ name, shape }: { name: string; shape: Shape }) =>
    fill(name, sizeOf(shape), name.endsWith("running_var") ? 0.1 : -1, 1);

  /** One image twice, or two of them. */
  function pair(first: string, second: string) {
    const half = sizeOf(SHAPE) / 2;
    const images = Float32Array.of(...fill(first, half), ...fill(second, half));
    const labels = Int32Array.of(fillIntegers(first, 1, 5)[0]!, fillIntegers(second, 1, 5)[0]!);
    return { images, labels };
  }

  /** The losses of pairs of images in a step that trains the last normalisation. */
  async function losses(statistics: Scope["statistics"], pairs: readonly (readonly [string, string])[]) {
    const traced = build(statistics);
    const isChosen = ({ name }: { name: string }) => /^bn2\.(weight|bias)/.test(name);
    const declared = [...traced.parameters, ...traced.buffers];
    const frozen = new Map(declared.filter((d) => !isChosen(d)).map((d) => [d.name, valuesOf(d)]));
    const model = await trainer({ traced, optimiser: sgd(), frozen, device });
    try {
      const found: number[] = [];
      for (const [first, second] of pairs) {
        model.start(Float32Array.from(model.trainable.flatMap((p) => [...valuesOf(p)])));
        found.push(await oneStep(model, pair(first, second), 0.1, key(1)));
      }
      return found;
    } finally {
      await model.release();
    }
  }
  const pairs = [
    ["one", "two"],
    ["one", "one"],
    ["two", "two"],
  ] as const;

  it("with running statistics sees each image alone", async () => {
    const [both, one, two] = await losses("running", pairs);
    expect(both).toBeCloseTo((one! + two!) / 2, 5);
    expect(one).not.toBeCloseTo(two!, 2);
  });

  it("with the batch's statistics sees each image beside the others", async () => {
    const [both, one, two] = await losses("batch", pairs);
    expect(Math.abs(both! - (one! + two!) / 2)).toBeGreaterThan(0.01);
  });

  it("with running statistics is the network as it is evaluated", async () => {
    const { outputs, parameters, buffers } = build("running", false);
    const program = await compile(outputs, device);
    const values = Object.fromEntries([...parameters, ...buffers].map((d) => [d.name, valuesOf(d)]));
    const { loss } = await program.run({ ...pair("one", "two"), ...values });
    await program.release();
    expect((await losses("running", pairs.slice(0, 1)))[0]).toBeCloseTo(Number(loss![0]), 5);
  });
});

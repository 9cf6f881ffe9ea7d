import { beforeEach, describe, expect, it } from "vitest";

import { matrix } from "../../numeric/index.ts";
import { key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { INPUTS, networks, output, perceptron, shallow } from "../../symmetry/hidden-units.fixture.ts";
import { canonicalSpace, parametersOf } from "../../symmetry/index.ts";
import { none } from "../normalisations/none.ts";
import { hostOn, memoryStore } from "../training-host.fixture.ts";
import { unitTokens } from "../unit-tokens.ts";
import type { FitTask } from "./autoencoder.ts";
import { unitsAutoencoder } from "./units.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const D = parametersOf(shallow);
const K = 12;
const layout = perceptron(INPUTS, 5, 3);
const axes = {
  mean: normal(key(21), INPUTS),
  axes: Float32Array.from({ length: INPUTS ** 2 }, (_, i) => (i % (INPUTS + 1) === 0 ? 1 : 0)),
  variance: new Float32Array(INPUTS).fill(1),
};

describe("the autoencoder of hidden units", () => {
  let said: string[];
  beforeEach(() => {
    said = [];
  });
  const unasked = () => {
    throw new Error("not asked for");
  };
  const task = (zoo: Float32Array, more: Partial<FitTask> = {}): FitTask => ({
    zoo: matrix(zoo, D),
    layout,
    trajectory: false,
    source: { normalisation: none, device, layout: async () => layout, open: unasked, units: () => shallow },
    store: memoryStore(),
    host: hostOn(device),
    canonicalSpace: (of) => canonicalSpace(of, shallow, axes, device),
    progress: unasked,
    note: async (text) => void said.push(text),
    warn: async (text) => void said.push(text),
    ...more,
  });

  it("has a latent as long as the network, of a token for each unit", () => {
    const { latent, tokens } = unitsAutoencoder.plan(
      { type: "units" },
      { dimension: D, count: K, units: () => shallow },
    );
    expect([latent, tokens]).toEqual([D, unitTokens(shallow)]);
  });

  it("loses nothing, and decodes what it was saved with to networks that compute the same", async () => {
    const zoo = networks("zoo", K);
    const asked = task(zoo);
    const fitted = await unitsAutoencoder.fit({ type: "units" }, asked);
    expect(fitted.explained).toBeGreaterThan(0.9999);
    expect(said).toEqual([]);
    const saved = (await asked.store.load())!;
    const { codec } = await unitsAutoencoder.load({ type: "units" }, saved, asked.source);
    const decoded = await codec.decode(fitted.latents);
    const x = normal(key(6), INPUTS);
    output(decoded.slice(0, D), x).forEach((y, o) => {
      expect(y).toBeCloseTo(output(zoo.slice(0, D), x)[o]!, 3);
    });
    for (const each of [fitted, codec]) await each.release();
  });

  it("warns of a trajectory, and notes units that are dead", async () => {
    const zoo = networks("zoo", K);
    const { weight, bias } = shallow[0]!;
    zoo.fill(0, weight, weight + INPUTS);
    zoo[bias] = 0;
    const fitted = await unitsAutoencoder.fit({ type: "units" }, task(zoo, { trajectory: true }));
    await fitted.release();
    expect(said).toEqual([
      expect.stringMatching(/^the checkpoints are of one training, in which units keep their order/),
      expect.stringMatching(/^1 hidden units of the 12 networks are dead/),
    ]);
  });

  it("is refused equal checkpoints", async () => {
    const one = networks("one", 1);
    const equal = Float32Array.from({ length: 3 * D }, (_, i) => one[i % D]!);
    await expect(unitsAutoencoder.fit({ type: "units" }, task(equal))).rejects.toThrow("are equal");
  });
});

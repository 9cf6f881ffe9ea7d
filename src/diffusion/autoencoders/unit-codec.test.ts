import { describe, expect, it } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { deep, disguised, INPUTS, networks, normalised, output, shallow } from "../../symmetry/hidden-units.fixture.ts";
import { canonicalSpace, type HiddenUnits, type InputAxes, parametersOf } from "../../symmetry/index.ts";
import { fitUnits, unitCodec, unitWeights } from "./unit-codec.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const both = [
  ["one hidden layer", shallow],
  ["two hidden layers", deep],
  ["two hidden layers, normalised", normalised],
] as const;

const axes: InputAxes = {
  mean: normal(key(21), INPUTS),
  axes: Float32Array.from({ length: INPUTS ** 2 }, (_, i) => (i % (INPUTS + 1) === 0 ? 1 : 0)),
  variance: Float32Array.from({ length: INPUTS }, (_, i) => 2 ** -i),
};
const fitted = async (units: HiddenUnits) => {
  const zoo = networks("zoo", 30, units);
  return {
    zoo,
    ...(await fitUnits(
      matrix(zoo, parametersOf(units)),
      await canonicalSpace(matrix(zoo, parametersOf(units)), units, axes, device),
      device,
    )),
  };
};

describe.each(both)("tokens of %s", (_, units) => {
  const D = parametersOf(units);

  it("are standardised over all units of a layer, the same for each", async () => {
    const { zoo, fit } = await fitted(units);
    const codec = unitCodec(fit, device);
    const latents = await codec.encode(zoo);
    const [{ count, width }] = codec.tokens!.groups as [{ count: number; width: number }];
    for (const j of [0, width - 1]) {
      const values = Array.from(
        { length: 30 * count },
        (_, i) => latents[Math.floor(i / count) * D + (i % count) * width + j]!,
      );
      const mean = values.reduce((a, b) => a + b) / values.length;
      expect(mean).toBeCloseTo(0, 4);
      expect(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length).toBeCloseTo(1, 3);
      expect(fit.scale[j]).toBe(fit.scale[width + j]);
    }
    await codec.release();
  });

  it("decode to a network that computes what the encoded one does, whatever its disguise", async () => {
    const { fit } = await fitted(units);
    const codec = unitCodec(fit, device);
    const v = networks("one", 1, units);
    const latents = await codec.encode(v);
    const decoded = await codec.decode(latents);
    const x = normal(key(6), INPUTS);
    output(decoded, x, units).forEach((y, o) => {
      expect(y).toBeCloseTo(output(v, x, units)[o]!, 3);
    });
    const again = await codec.encode(decoded);
    again.forEach((z, i) => {
      expect(z).toBeCloseTo(latents[i]!, 3);
    });
    // Of one hidden layer, where the best order is found whatever the order was.
    if (units.length === 2)
      (await codec.encode(disguised(v, "mask", units))).forEach((z, i) => {
        expect(z).toBeCloseTo(latents[i]!, 3);
      });
    await codec.release();
  });

  it("count by what they do to the outputs, on average 1", async () => {
    const { fit } = await fitted(units);
    const weights = await unitWeights(fit, device);
    expect(weights.reduce((a, b) => a + b) / D).toBeCloseTo(1, 4);
    expect(Math.min(...weights)).toBeGreaterThan(0);
    // Inputs by falling variance.
    expect(weights[0]!).toBeGreaterThan(weights[INPUTS - 1]!);
  });
});

import { describe, expect, it } from "vitest";
import { matrix } from "../numeric/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { deep, disguised, HIDDEN, INPUTS, networks, orders, shallow } from "../symmetry/hidden-units.fixture.ts";
import { balance, canonicalSpace, type HiddenUnits, type InputAxes, parametersOf, reorder } from "../symmetry/index.ts";
import { unitMeter } from "./unit-distance.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
/** Inputs that are centred and along the axes as they are; of the last nothing is ever seen. */
const axes: InputAxes = {
  mean: new Float32Array(INPUTS),
  axes: Float32Array.from({ length: INPUTS ** 2 }, (_, i) => (i % (INPUTS + 1) === 0 ? 1 : 0)),
  variance: Float32Array.from({ length: INPUTS }, (_, i) => (i === INPUTS - 1 ? 0 : 1)),
};
const meterOf = async (networks: Float32Array, units: HiddenUnits) => {
  const originals = matrix(networks, parametersOf(units));
  return unitMeter({ originals, space: await canonicalSpace(originals, units, axes, device), device });
};

describe.each([
  ["one hidden layer", shallow],
  ["two hidden layers", deep],
])("the distance to the nearest network of %s, over all orders of units", (_, units) => {
  const D = parametersOf(units);
  const to = networks("originals", 6, units);

  it("is nothing for a network in disguise, which lies far away as a vector", async () => {
    const original = to.subarray(3 * D, 4 * D);
    const other = disguised(original, "mask", units);
    expect(Math.hypot(...other.map((v, i) => v - original[i]!))).toBeGreaterThan(3);
    const { raw, standardised, isolation } = await (await meterOf(to, units)).measure(other);
    expect(raw[0]).toBeLessThan(0.01);
    expect(standardised[0]).toBeLessThan(0.02);
    expect(isolation[0]).toBeLessThan(0.01);
  });

  it("is nothing, by what counts, for a copy with other weights on an input that never changes", async () => {
    const [{ inputs, outputs, weight }] = units;
    const meter = await meterOf(to, units);
    const other = await balance(to.subarray(0, D), units);
    const plain = (await meter.measure(other)).raw[0]!;
    // In balance already, it stays so only where the change does not show in the norm: a sign does
    // not.
    for (let u = 0; u < outputs; u++) other[weight + u * inputs + inputs - 1]! *= -1;
    const { raw, standardised } = await meter.measure(other);
    expect(plain).toBeLessThan(0.01);
    expect(raw[0]).toBeGreaterThan(0.5);
    expect(standardised[0]).toBeLessThan(0.01);
  });

  it("of the originals leaves each itself out", async () => {
    const { originals } = await meterOf(to, units);
    expect(Math.min(...originals.raw)).toBeGreaterThan(1);
    const twice = new Float32Array([...to.subarray(0, D), ...to]);
    expect((await meterOf(twice, units)).originals.raw[0]).toBeLessThan(0.01);
  });

  it("is infinite for what is no number", async () => {
    const odd = networks("odd", 2, units);
    odd[4] = Number.NaN;
    const { raw, standardised } = await (await meterOf(to, units)).measure(odd);
    expect([raw[0], standardised[0]]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(raw[1]).toBeLessThan(100);
  });
});

it("the distance over all orders of one hidden layer is the least, as trying all of them finds", async () => {
  const [from, to] = [networks("from", 3), networks("to", 4)];
  const D = parametersOf(shallow);
  const { raw } = await (await meterOf(to, shallow)).measure(from);
  for (let i = 0; i < 3; i++) {
    const v = await balance(from.subarray(i * D, (i + 1) * D), shallow);
    const all: number[] = [];
    for (let k = 0; k < 4; k++) {
      const w = await balance(to.subarray(k * D, (k + 1) * D), shallow);
      for (const order of orders(HIDDEN))
        all.push(Math.hypot(...reorder(v, shallow, [Int32Array.from(order)]).map((x, at) => x - w[at]!)));
    }
    expect(raw[i]).toBeCloseTo(Math.min(...all), 3);
  }
});

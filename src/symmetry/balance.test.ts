import { describe, expect, it } from "vitest";

import { matrix, rowsOf } from "../numeric/matrix.ts";
import { key, normal } from "../random/index.ts";
import { balance, balanceAll, countDeadUnits } from "./balance.ts";
import { INPUTS, networks, norm, OUTPUTS, output, perceptrons, shallow } from "./hidden-units.fixture.ts";
import { parametersOf } from "./hidden-units.ts";

describe("balancing hidden units", () => {
  it.each(perceptrons)("makes both sides of each unit equally long, of %s, and changes no output", async (_, units) => {
    const v = networks("one", 1, units);
    const result = await balance(v, units);
    units.slice(0, -1).forEach((layer, l) => {
      const { inputs, outputs, weight, bias } = layer;
      const next = units[l + 1]!;
      for (let u = 0; u < outputs; u++) {
        const weights = result.subarray(weight + u * inputs, weight + (u + 1) * inputs);
        const scaled = layer.norm && [layer.norm.weight, layer.norm.bias].map((offset) => result[offset + u]!);
        const into = norm(scaled ?? [...weights, result[bias + u]!]);
        const out = norm(Array.from({ length: next.outputs }, (_, o) => result[next.weight + o * outputs + u]!));
        expect(into / out).toBeCloseTo(1, 4);
      }
    });
    const x = normal(key(5), INPUTS);
    output(result, x, units).forEach((value, i) => {
      expect(value).toBeCloseTo(output(v, x, units)[i]!, 3);
    });
  });

  it("counts dead units and leaves them as they are", async () => {
    const v = networks("dead", 1);
    const [{ outputs: count }, next] = shallow;
    expect(await countDeadUnits(matrix(v, v.length), shallow)).toBe(0);
    for (let o = 0; o < OUTPUTS; o++) v[next.weight + o * count] = 0;
    expect(await countDeadUnits(matrix(v, v.length), shallow)).toBe(1);
    const result = await balance(v, shallow);
    expect(result.slice(0, INPUTS)).toEqual(v.slice(0, INPUTS));
    expect(result.every(Number.isFinite)).toBe(true);
  });

  it("balances each of several networks", async () => {
    const several = matrix(networks("several", 3), parametersOf(shallow));
    const balanced = await balanceAll(several, shallow);
    const each = await Promise.all(rowsOf(several).map((network) => balance(network, shallow)));
    expect(rowsOf(balanced)).toEqual(each);
  });
});

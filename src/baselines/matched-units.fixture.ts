/** Perceptrons in canonical form whose units can be matched, for tests of baselines that do so. */
import { layoutOf } from "../layout/index.ts";
import { matrix } from "../numeric/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { canonicalForms, canonicalSpace, hiddenUnits, type InputAxes } from "../symmetry/index.ts";
import { baseline } from "./baselines.ts";
import { unitMatching } from "./unit-matching.ts";
import type { UnitMatching, Vectors } from "./vectors.ts";

const linear = (name: string, shape: readonly number[]) => ({ name, shape, kind: "linear" as const });

/** Seven inputs, five hidden units, three outputs. */
const layout = layoutOf([
  linear("fc1.weight", [5, 7]),
  linear("fc1.bias", [5]),
  linear("fc2.weight", [3, 5]),
  linear("fc2.bias", [3]),
]);
export const D = layout.size;

/** Axes along which the inputs vary by so much each. */
const axesOf = (variance: readonly number[]): InputAxes => ({
  mean: new Float32Array(variance.length),
  axes: Float32Array.from({ length: variance.length ** 2 }, (_, i) => (i % (variance.length + 1) === 0 ? 1 : 0)),
  variance: Float32Array.from(variance),
});

/** Originals in canonical form, how their units are matched, and the device that does it. */
export interface MatchedOriginals {
  readonly originals: Vectors;
  readonly device: Device;
  readonly matching: UnitMatching;
}

/** Originals from networks `[K, D]`. */
export async function matchedOriginals(
  device: Device,
  values: Float32Array,
  variance: readonly number[] = [1, 1, 1, 1, 1, 1, 1],
): Promise<MatchedOriginals> {
  const found = hiddenUnits(layout);
  if ("problem" in found) throw new Error(found.problem);
  const space = await canonicalSpace(matrix(values, D), found.units, axesOf(variance), device);
  const formed = await canonicalForms(matrix(values, D), space, device);
  const originals = { count: formed.rows, dimension: D, values: formed.values };
  return { originals, device, matching: unitMatching(originals, space, device) };
}

/** Random originals. */
export const randomOriginals = (device: Device, count: number): Promise<MatchedOriginals> =>
  matchedOriginals(device, normal(foldIn(key(1), "matched"), count * D));

/** Draws of a baseline. */
export const drawsFrom = (
  name: string,
  { originals, device, matching }: MatchedOriginals,
  count: number,
  seed = 1,
): Promise<Float32Array> => baseline(name).draw(originals, { count, key: key(seed), layout, device, matching });

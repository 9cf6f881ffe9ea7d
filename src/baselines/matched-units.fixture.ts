/** Perceptrons in canonical form whose units can be matched, for tests of baselines that do so. */
import { matrix } from "../numeric/index.ts";
import { key } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { networks, perceptron, shallow } from "../symmetry/hidden-units.fixture.ts";
import {
  type CanonicalSpace,
  canonicalForms,
  canonicalSpace,
  type InputAxes,
  parametersOf,
} from "../symmetry/index.ts";
import { baseline } from "./baselines.ts";
import { type UnitMatching, unitMatching } from "./unit-matching.ts";
import type { Vectors } from "./vectors.ts";

export const device = nodeDevice({ name: "cpu", threads: 1 });
export const layout = perceptron(7, 5, 3);
export const D = parametersOf(shallow);

/** Axes along which the inputs vary by so much each. */
const axesOf = (variance: readonly number[]): InputAxes => ({
  mean: new Float32Array(variance.length),
  axes: Float32Array.from({ length: variance.length ** 2 }, (_, i) => (i % (variance.length + 1) === 0 ? 1 : 0)),
  variance: Float32Array.from(variance),
});

/** Originals in canonical form, their space, and how their units are matched. */
export interface MatchedOriginals {
  readonly originals: Vectors;
  readonly space: CanonicalSpace;
  readonly matching: UnitMatching;
}

/** Originals from networks `[K, D]`. */
export async function matchedOriginals(
  values: Float32Array,
  variance: readonly number[] = [1, 1, 1, 1, 1, 1, 1],
): Promise<MatchedOriginals> {
  const space = await canonicalSpace(matrix(values, D), shallow, axesOf(variance), device);
  const formed = await canonicalForms(matrix(values, D), space, device);
  const originals = { count: formed.rows, dimension: D, values: formed.values };
  return { originals, space, matching: unitMatching(originals, space, device) };
}

/** Random originals. */
export const randomOriginals = (count: number): Promise<MatchedOriginals> =>
  matchedOriginals(networks("matched", count, shallow));

/** Draws of a baseline. */
export const drawsFrom = (
  name: string,
  { originals, matching }: MatchedOriginals,
  count: number,
  seed = 1,
): Promise<Float32Array> => baseline(name).draw(originals, { count, key: key(seed), layout, device, matching });

/** Originals of few numbers and draws of them, for tests of averages. */
import { layoutOf } from "../layout/index.ts";
import { key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { baseline } from "./baselines.ts";
import type { Vectors } from "./vectors.ts";

/** Numbers of an original. */
export const D = 3;
const layout = layoutOf([{ name: "w", shape: [D], kind: "linear" }]);

/** Originals of which number k is `value(k)` everywhere. */
export const levels = (count: number, value: (k: number) => number): Vectors => ({
  count,
  dimension: D,
  values: Float32Array.from({ length: count * D }, (_, i) => value(Math.floor(i / D))),
});

/** What draws from the baseline of a name, on a device. */
export const drawsOn =
  (device: Device) =>
  (name: string, originals: Vectors, count: number, seed = 1): Promise<Float32Array> =>
    baseline(name).draw(originals, { count, key: key(seed), layout, device });

/** Seven equal originals, and what each is. */
export const equals = levels(7, () => 0.1);
export const equal = new Float32Array(D).fill(0.1);

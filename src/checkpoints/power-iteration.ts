/**
 * Spectral normalisation keeps two vectors beside a weight, the singular vectors of its greatest
 * singular value, which a power iteration follows. They are no parameters: they are computed from
 * the weight, wherever it is replaced.
 */
import { at } from "../lookup.ts";

/** A weight, and the names of its vectors. */
export interface PowerIteration {
  readonly weight: string;
  readonly u: string;
  readonly v: string;
}

/** Iterations, at most, and the change of a vector at which they end. */
const MAX_ITERATIONS = 1000;
const DONE = 1e-7;

/** The spectral normalisations in a state dict, by PyTorch's names, new and old. */
export function powerIterations(names: ReadonlySet<string>): PowerIteration[] {
  return [...names].flatMap((u) => {
    const [, layer] = /^(.*\.?parametrizations\.\w+)\.0\._u$/.exec(u) ?? [];
    const [, old] = /^(.+)_u$/.exec(u) ?? [];
    const found =
      layer !== undefined
        ? { weight: `${layer}.original`, v: `${layer}.0._v` }
        : { weight: `${old}_orig`, v: `${old}_v` };
    return names.has(found.weight) && names.has(found.v) ? [{ ...found, u }] : [];
  });
}

/** The values of the vectors. */
export interface SingularVectors {
  readonly u: Float32Array;
  readonly v: Float32Array;
}

/**
 * The singular vectors of a weight, found by power iteration from those of another.
 * @param weight in row-major order.
 * @param shape of the weight; the rows of the matrix are its first axis, or its second, as in a
 *   transposed convolution.
 * @param before the weight that the given vectors belong to, which tells the axis where both fit.
 */
export function singularVectors(
  weight: Float32Array,
  shape: readonly number[],
  { u, v, before }: SingularVectors & { readonly before: Float32Array },
): SingularVectors {
  const axes = [0, 1].filter((axis) => shape[axis] === u.length && weight.length === u.length * v.length);
  const strength = (axis: number) => Math.abs(dot(times(matrixOf(before, shape, axis), v), u));
  const axis = axes.length > 1 && strength(1) > strength(0) ? 1 : axes[0];
  if (axis === undefined) return { u, v };
  const matrix = matrixOf(weight, shape, axis);
  let [left, right] = [Float64Array.from(u), Float64Array.from(v)];
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    right = unit(timesTransposed(matrix, left));
    const next = unit(times(matrix, right));
    const change = Math.hypot(...next.map((x, k) => x - at(left, k)));
    left = next;
    if (change < DONE) break;
  }
  return { u: Float32Array.from(left), v: Float32Array.from(right) };
}

/** A matrix in row-major order. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** A weight as a matrix whose rows are one of its first two axes. */
function matrixOf(values: Float32Array, shape: readonly number[], axis: number): Matrix {
  const rows = at(shape, axis);
  const columns = values.length / rows;
  if (axis === 0) return { rows, columns, values };
  const first = at(shape, 0);
  const inner = columns / first;
  const moved = new Float32Array(values.length);
  for (let a = 0; a < first; a++)
    for (let r = 0; r < rows; r++)
      moved.set(values.subarray((a * rows + r) * inner, (a * rows + r + 1) * inner), r * columns + a * inner);
  return { rows, columns, values: moved };
}

function times({ rows, columns, values }: Matrix, v: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[r]! += values[r * columns + c]! * v[c]!;
  return out;
}

function timesTransposed({ rows, columns, values }: Matrix, u: ArrayLike<number>): Float64Array {
  const out = new Float64Array(columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c]! += values[r * columns + c]! * u[r]!;
  return out;
}

function dot(a: Float64Array, b: ArrayLike<number>): number {
  return a.reduce((sum, x, i) => sum + x * at(b, i), 0);
}

/** A vector of length one; zeros stay. */
function unit(vector: Float64Array): Float64Array<ArrayBuffer> {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return Float64Array.from(vector, (x) => (length === 0 ? 0 : x / length));
}

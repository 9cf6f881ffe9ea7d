/**
 * Operators on values that are known when a graph is built: the arithmetic on shapes and indices that exporters write between
 * the layers, and constants worked out from constants.
 */
import { type DType, type Shape, sizeOf } from "../tensor.ts";
import { type Attributes, axisOf } from "./attributes.ts";
import { checkSize, type Known } from "./constants.ts";
import { refuse } from "./refuse.ts";

/** Works out the outputs of a node whose inputs are all known; an input that is left out is undefined. */
export type Fold = (inputs: readonly (Known | undefined)[], attributes: Attributes) => Known[];

const make = (dtype: DType, shape: Shape, fill: (data: Float32Array | Float64Array) => void): Known => {
  const count = sizeOf(checkSize(shape));
  const data = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  fill(data);
  return { dtype, shape, data };
};

/** Row-major steps of a shape, 0 along axes of one element that stand for more. */
function stepsFor(shape: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  let step = 1;
  const steps = new Array<number>(target.length).fill(0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[lead + axis] = shape[axis] === 1 ? 0 : step;
    step *= shape[axis]!;
  }
  return steps;
}

function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1)
      refuse(`it combines tensors of shapes [${a}] and [${b}], which do not broadcast`);
    return x === 1 ? y : x;
  });
}

/** Visits the elements of a shape in row-major order with the places that some steps give them. */
function walk(
  shape: Shape,
  steps: readonly (readonly number[])[],
  visit: (i: number, at: readonly number[]) => void,
): void {
  const count = sizeOf(shape);
  const index = shape.map(() => 0);
  const at = steps.map(() => 0);
  for (let i = 0; i < count; i++) {
    visit(i, at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      steps.forEach((s, k) => {
        at[k]! += s[axis]!;
      });
      if (index[axis]! < shape[axis]!) break;
      steps.forEach((s, k) => {
        at[k]! -= s[axis]! * shape[axis]!;
      });
      index[axis] = 0;
    }
  }
}

const binary =
  (work: (x: number, y: number, whole: boolean) => number, result?: DType): Fold =>
  ([a, b]) => {
    const shape = broadcastShape(a!.shape, b!.shape);
    const dtype = result ?? a!.dtype;
    return [
      make(dtype, shape, (data) => {
        walk(shape, [stepsFor(a!.shape, shape), stepsFor(b!.shape, shape)], (i, [at, bt]) => {
          data[i] = work(a!.data[at!]!, b!.data[bt!]!, a!.dtype !== "float32");
        });
      }),
    ];
  };

const unary =
  (work: (x: number) => number, result?: DType): Fold =>
  ([x]) => [
    make(result ?? x!.dtype, x!.shape, (data) => {
      x!.data.forEach((value, i) => {
        data[i] = work(value);
      });
    }),
  ];

const truth = (test: (x: number, y: number) => boolean): Fold => binary((x, y) => Number(test(x, y)), "bool");

/** Of Python: the remainder has the divisor's sign; of C, where `fmod` is set, the dividend's. */
const modulo: Fold = (inputs, attributes) =>
  binary((x, y) => (attributes.int("fmod", 0) === 1 ? x % y : x - y * Math.floor(x / y)))(inputs, attributes);

const reduce =
  (start: number, work: (sum: number, x: number) => number): Fold =>
  ([x, given], attributes) => {
    const axes = given === undefined ? attributes.ints("axes") : [...given.data];
    const all = axes ?? x!.shape.map((_, i) => i);
    const reduced = new Set(all.map((axis) => axisOf(axis, x!.shape.length)));
    const kept = x!.shape.map((d, i) => (reduced.has(i) ? 1 : d));
    const shape = attributes.int("keepdims", 1) === 1 ? kept : x!.shape.filter((_, i) => !reduced.has(i));
    return [
      make(x!.dtype, shape, (data) => {
        data.fill(start);
        walk(x!.shape, [stepsFor(kept, x!.shape)], (i, [at]) => {
          data[at!] = work(data[at!]!, x!.data[i]!);
        });
      }),
    ];
  };

/** The elements of a shape taken from others by their places. */
const picked = (x: Known, shape: Shape, places: (visit: (i: number, at: number) => void) => void): Known =>
  make(x.dtype, shape, (data) => {
    places((i, at) => {
      data[i] = x.data[at]!;
    });
  });

const gather: Fold = ([x, indices], attributes) => {
  const axis = axisOf(attributes.int("axis", 0), x!.shape.length);
  const size = x!.shape[axis]!;
  const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
  const inner = sizeOf(x!.shape.slice(axis + 1));
  const count = sizeOf(indices!.shape);
  return [
    picked(x!, shape, (visit) => {
      const total = sizeOf(checkSize(shape));
      for (let i = 0; i < total; i++) {
        const [outer, rest] = [Math.floor(i / (count * inner)), i % (count * inner)];
        const index = indices!.data[Math.floor(rest / inner)]!;
        if (index < -size || index >= size) refuse(`it takes element ${index} of ${size}`);
        visit(i, (outer * size + (index < 0 ? index + size : index)) * inner + (rest % inner));
      }
    }),
  ];
};

/**
 * What the last axis of indices points at: rows of what its first axes make, and the numbers in one of them.
 * @returns besides, the shape of all that is pointed at.
 */
export function pointed(x: { readonly shape: Shape }, indices: Known): { rows: number[]; inner: number; shape: Shape } {
  const depth = indices.shape.at(-1)!;
  const lead = x.shape.slice(0, depth);
  const rest = x.shape.slice(depth);
  const rows = Array.from({ length: sizeOf(indices.shape.slice(0, -1)) }, (_, r) =>
    lead.reduce((row, size, i) => {
      const index = indices.data[r * depth + i]!;
      if (index < -size || index >= size) refuse(`it points at element ${index} of ${size}`);
      return row * size + (index < 0 ? index + size : index);
    }, 0),
  );
  return { rows, inner: sizeOf(rest), shape: [...indices.shape.slice(0, -1), ...rest] };
}

/** Which operators can be worked out. */
export const folds: Readonly<Record<string, Fold>> = {
  Add: binary((x, y) => x + y),
  Sub: binary((x, y) => x - y),
  Mul: binary((x, y) => x * y),
  Div: binary((x, y, whole) => (whole ? Math.trunc(x / y) : x / y)),
  Pow: binary((x, y) => x ** y),
  Mod: modulo,
  Max: binary((x, y) => Math.max(x, y)),
  Min: binary((x, y) => Math.min(x, y)),
  Equal: truth((x, y) => x === y),
  Greater: truth((x, y) => x > y),
  GreaterOrEqual: truth((x, y) => x >= y),
  Less: truth((x, y) => x < y),
  LessOrEqual: truth((x, y) => x <= y),
  And: truth((x, y) => x !== 0 && y !== 0),
  Or: truth((x, y) => x !== 0 || y !== 0),
  Not: unary((x) => Number(x === 0)),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Sign: unary(Math.sign),
  Reciprocal: unary((x) => 1 / x),
  ReduceProd: reduce(1, (product, x) => product * x),
  ReduceSum: reduce(0, (sum, x) => sum + x),
  ReduceMax: reduce(-Infinity, (most, x) => Math.max(most, x)),
  ReduceMin: reduce(Infinity, (least, x) => Math.min(least, x)),
  Gather: gather,
  GatherND: ([x, indices]) => {
    const { rows, inner, shape } = pointed(x!, indices!);
    return [
      picked(x!, shape, (visit) => {
        rows.forEach((row, r) => {
          for (let i = 0; i < inner; i++) visit(r * inner + i, row * inner + i);
        });
      }),
    ];
  },
  ScatterND: ([x, indices, updates], attributes) => {
    if (attributes.text("reduction", "none") !== "none") refuse("it scatters in a way that is not known here");
    const { rows, inner } = pointed(x!, indices!);
    return [
      make(x!.dtype, x!.shape, (data) => {
        data.set(x!.data);
        rows.forEach((row, r) => {
          data.set(updates!.data.subarray(r * inner, (r + 1) * inner), row * inner);
        });
      }),
    ];
  },
  OneHot: ([indices, depth, values], attributes) => {
    const size = depth!.data[0]!;
    const axis = axisOf(attributes.int("axis", -1), indices!.shape.length + 1);
    const shape = indices!.shape.toSpliced(axis, 0, size);
    const inner = sizeOf(indices!.shape.slice(axis));
    return [
      make(values!.dtype, shape, (data) => {
        data.fill(values!.data[0]!);
        indices!.data.forEach((index, i) => {
          // Numbers that are no class stay off.
          if (index < -size || index >= size) return;
          const at = index < 0 ? index + size : index;
          data[(Math.floor(i / inner) * size + at) * inner + (i % inner)] = values!.data[1]!;
        });
      }),
    ];
  },
  Range: ([start, limit, step]) => {
    const [from, to, by] = [start!.data[0]!, limit!.data[0]!, step!.data[0]!];
    const count = Math.max(0, Math.ceil((to - from) / by));
    return [
      make(start!.dtype, [count], (data) => {
        for (let i = 0; i < count; i++) data[i] = from + i * by;
      }),
    ];
  },
  Where: ([condition, a, b]) => {
    const shape = broadcastShape(condition!.shape, broadcastShape(a!.shape, b!.shape));
    const steps = [condition!, a!, b!].map((t) => stepsFor(t.shape, shape));
    return [
      make(a!.dtype, shape, (data) => {
        walk(shape, steps, (i, [c, x, y]) => {
          data[i] = condition!.data[c!] !== 0 ? a!.data[x!]! : b!.data[y!]!;
        });
      }),
    ];
  },
  Expand: ([x, target]) => {
    const shape = broadcastShape(x!.shape, [...target!.data]);
    return [
      picked(x!, shape, (visit) => {
        checkSize(shape);
        walk(shape, [stepsFor(x!.shape, shape)], (i, [at]) => visit(i, at!));
      }),
    ];
  },
  Transpose: ([x], attributes) => {
    const order = attributes.ints("perm") ?? x!.shape.map((_, i) => i).reverse();
    const steps = x!.shape.map((_, axis) => sizeOf(x!.shape.slice(axis + 1)));
    const shape = order.map((axis) => x!.shape[axis]!);
    return [
      picked(x!, shape, (visit) => {
        walk(shape, [order.map((axis) => steps[axis]!)], (i, [at]) => visit(i, at!));
      }),
    ];
  },
  Concat: (inputs, attributes) => {
    const xs = inputs as readonly Known[];
    const axis = axisOf(attributes.int("axis", 0), xs[0]!.shape.length);
    const sizes = xs.map((x) => x.shape[axis]!);
    const shape = xs[0]!.shape.with(
      axis,
      sizes.reduce((a, b) => a + b, 0),
    );
    const inner = sizeOf(shape.slice(axis + 1));
    const outer = sizeOf(shape.slice(0, axis));
    return [
      make(xs[0]!.dtype, shape, (data) => {
        let at = 0;
        for (let o = 0; o < outer; o++)
          xs.forEach(({ data: part }, k) => {
            const length = sizes[k]! * inner;
            data.set(part.subarray(o * length, (o + 1) * length), at);
            at += length;
          });
      }),
    ];
  },
  Slice: ([x, starts, ends, axesGiven, stepsGiven], attributes) => {
    const rank = x!.shape.length;
    const from = starts === undefined ? attributes.ints("starts")! : [...starts.data];
    const to = ends === undefined ? attributes.ints("ends")! : [...ends.data];
    const axes = (axesGiven === undefined ? attributes.ints("axes") : [...axesGiven.data]) ?? from.map((_, i) => i);
    const steps = stepsGiven === undefined ? axes.map(() => 1) : [...stepsGiven.data];
    const first = x!.shape.map(() => 0);
    const by = x!.shape.map(() => 1);
    const shape = [...x!.shape];
    axes.forEach((given, k) => {
      const axis = axisOf(given, rank);
      const range = sliceRange(from[k]!, to[k]!, steps[k]!, x!.shape[axis]!);
      first[axis] = range.start;
      by[axis] = steps[k]!;
      shape[axis] = range.count;
    });
    const rowSteps = x!.shape.map((_, axis) => sizeOf(x!.shape.slice(axis + 1)));
    const base = first.reduce((sum, n, axis) => sum + n * rowSteps[axis]!, 0);
    return [
      picked(x!, shape, (visit) => {
        walk(shape, [rowSteps.map((s, axis) => s * by[axis]!)], (i, [at]) => visit(i, base + at!));
      }),
    ];
  },
};

/** Which elements along an axis a slice takes, as NumPy has it: negative numbers count from the end, and all are clamped. */
export function sliceRange(start: number, end: number, step: number, size: number): { start: number; count: number } {
  if (step === 0) refuse("it slices with a step of 0");
  const clamp = (n: number, low: number, high: number) => Math.min(high, Math.max(low, n < 0 ? n + size : n));
  const [from, to] =
    step > 0
      ? [clamp(start, 0, size), clamp(end, 0, size)]
      : [clamp(start, -1, size - 1), end < -size ? -1 : clamp(end, -1, size - 1)];
  return { start: from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

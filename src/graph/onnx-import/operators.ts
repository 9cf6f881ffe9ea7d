/**
 * ONNX's operators in terms of ours, which know their gradients. Each takes the values of a node's inputs and gives those of
 * its outputs; docs/onnx.md lists them.
 */
import { conv, convTranspose } from "../ops/conv.ts";
import {
  add,
  cast,
  clip,
  cos,
  div,
  elu,
  equal,
  erf,
  exp,
  gelu,
  greater,
  leakyRelu,
  log,
  mul,
  neg,
  reciprocal,
  relu,
  sigmoid,
  sin,
  sqrt,
  sub,
  tanh,
  where,
} from "../ops/elementwise.ts";
import { gemm, matMul } from "../ops/linear.ts";
import { reduceMax, reduceMean, reduceSum } from "../ops/reduce.ts";
import { concat, expand, gather, pad, reshape, slice, split, transpose } from "../ops/shape.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { standardise } from "../ops/standardise.ts";
import { constant, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { type Attributes, axisOf } from "./attributes.ts";
import { pointed, sliceRange } from "./constant-folding.ts";
import { asConstant, checkSize, dtypeOf, type Known } from "./constants.ts";
import { einsum } from "./einsum.ts";
import { averagePool, maximumPool } from "./pools.ts";
import { refuse } from "./refuse.ts";
import { alongAxis, resize, runningSums } from "./resample.ts";
import { windowOf } from "./windows.ts";

/** A value in the making of a graph: known already, or a tensor. */
export type Value = Known | Tensor;

export const isKnown = (value: Value): value is Known => "data" in value;

/** The constants that known values became: one used twice stays one. */
const constants = new WeakMap<Known, Tensor>();

/** A value as a tensor of the graph. */
export function tensorOf(value: Value): Tensor {
  if (!isKnown(value)) return value;
  const made = constants.get(value) ?? asConstant(value);
  constants.set(value, made);
  return made;
}

/** A node that is being built: its inputs, of which some may be left out, and its attributes. */
export interface Building {
  readonly attributes: Attributes;
  readonly opset: number;
  readonly outputs: number;
  has(index: number): boolean;
  /** An input as a tensor. */
  tensor(index: number): Tensor;
  /** The numbers of an input that must be known; undefined where it is left out. */
  numbers(index: number): number[] | undefined;
}

type Operator = (node: Building) => Value | readonly Value[];

const rankOf = (x: Tensor): number => x.shape.length;
const spatialOf = (x: Tensor): number[] => x.shape.slice(2).map((_, i) => i + 2);

/** A vector of channels shaped to meet `[batch, channels, …]`. */
const alongChannels = (v: Tensor, x: Tensor): Tensor => reshape(v, [v.shape[0]!, ...spatialOf(x).map(() => 1)]);

const one =
  (work: (x: Tensor) => Tensor): Operator =>
  ({ tensor }) =>
    work(tensor(0));

/** Two operands, brought to one type: comparisons of our graph are of numbers with a fraction. */
const two =
  (work: (a: Tensor, b: Tensor) => Tensor): Operator =>
  ({ tensor }) =>
    work(tensor(0), tensor(1));

const floats =
  (work: (a: Tensor, b: Tensor) => Tensor) =>
  (a: Tensor, b: Tensor): Tensor =>
    work(cast(a, "float32"), cast(b, "float32"));

const maximum = (a: Tensor, b: Tensor): Tensor => add(b, relu(sub(a, b)));
const minimum = (a: Tensor, b: Tensor): Tensor => sub(b, relu(sub(b, a)));
const absolute = (x: Tensor): Tensor => add(relu(x), relu(neg(x)));
const not = (c: Tensor): Tensor => equal(cast(c, "float32"), 0);

/** ln(1 + e^x), without overflow. */
const softplus = (x: Tensor): Tensor => add(relu(x), log(add(exp(neg(absolute(x))), 1)));

/** The largest and least float32: what no bound is. */
const HIGHEST = 3.4028234663852886e38;

const many =
  (work: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (node) => {
    let result = node.tensor(0);
    for (let i = 1; node.has(i); i++) result = work(result, node.tensor(i));
    return result;
  };

/** x to a power that is the same for all elements. */
function power({ tensor, numbers }: Building): Tensor {
  const x = tensor(0);
  const exponents = numbers(1);
  const p = exponents?.[0];
  if (p === undefined || exponents!.some((other) => other !== p))
    return refuse("it raises to powers that are not one number");
  if (p === 0) return add(mul(x, 0), 1);
  if (p === 0.5) return sqrt(x);
  if (p === -0.5) return reciprocal(sqrt(x));
  if (Number.isInteger(p) && Math.abs(p) <= 8) {
    let result = x;
    for (let i = 1; i < Math.abs(p); i++) result = mul(result, x);
    return p < 0 ? reciprocal(result) : result;
  }
  return exp(mul(log(x), p));
}

/** The axes of a reduction: an attribute, or an input from version 13 or 18 on. */
function reducedAxes({ attributes, numbers, has }: Building, rank: number): number[] {
  const axes = (has(1) ? numbers(1) : undefined) ?? attributes.ints("axes");
  if (axes === undefined || axes.length === 0)
    return attributes.int("noop_with_empty_axes", 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
  return axes.map((axis) => axisOf(axis, rank));
}

const reduction =
  (work: (x: Tensor, options: { axes: readonly number[]; keepDims: boolean }) => Tensor): Operator =>
  (node) => {
    const x = node.tensor(0);
    const axes = reducedAxes(node, rankOf(x));
    return work(x, { axes, keepDims: node.attributes.int("keepdims", 1) === 1 });
  };

/** Softmax along any axis. Before version 13, over this and all later axes at once. */
const soft =
  (work: (x: Tensor) => Tensor): Operator =>
  ({ tensor, attributes, opset }) => {
    const x = tensor(0);
    const axis = axisOf(attributes.int("axis", opset < 13 ? 1 : -1), rankOf(x));
    if (opset < 13) {
      const rows = sizeOf(x.shape.slice(0, axis));
      return reshape(work(reshape(x, [rows, sizeOf(x.shape) / rows])), x.shape);
    }
    if (axis === rankOf(x) - 1) return work(x);
    const order = x.shape.map((_, i) => i);
    order[axis] = rankOf(x) - 1;
    order[rankOf(x) - 1] = axis;
    return transpose(work(transpose(x, order)), order);
  };

/** The shape that a reshape means: 0 stands for the input's own, −1 for the rest. */
function reshaped(x: Tensor, wanted: readonly number[], keepsZeros: boolean): Shape {
  const shape = wanted.map((d, i) =>
    d === 0 && !keepsZeros ? (x.shape[i] ?? refuse("it reshapes to more dimensions than it has")) : d,
  );
  const rest = shape.indexOf(-1);
  if (rest >= 0) shape[rest] = sizeOf(x.shape) / shape.reduce((product, d) => (d === -1 ? product : product * d), 1);
  if (shape.some((d) => !Number.isInteger(d) || d < 0) || sizeOf(shape) !== sizeOf(x.shape))
    refuse(
      `it reshapes [${x.shape.join(", ")}] to [${wanted.join(", ")}], which has another size; if the first number is a batch that was fixed, export the model with a dynamic batch dimension`,
    );
  return shape;
}

/** Shape after broadcasting. */
function common(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1));
}

/** A tensor repeated up to a shape, to which it broadcasts. */
function spreadTo(x: Tensor, shape: Shape): Tensor {
  checkSize(shape);
  return expand(reshape(x, [...Array<number>(shape.length - rankOf(x)).fill(1), ...x.shape]), shape);
}

/** Products of matrices in batches that broadcast; vectors are rows or columns of their own. */
export function product(a: Tensor, b: Tensor): Tensor {
  if (rankOf(a) === 1) {
    const result = product(reshape(a, [1, a.shape[0]!]), b);
    return reshape(result, result.shape.toSpliced(-2, 1));
  }
  if (rankOf(b) === 1) {
    const result = product(a, reshape(b, [b.shape[0]!, 1]));
    return reshape(result, result.shape.slice(0, -1));
  }
  // One matrix for all rows of a batch: a single product.
  if (rankOf(b) === 2 && rankOf(a) > 2) {
    const rows = reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape.at(-1)!]);
    return reshape(gemm(rows, b), [...a.shape.slice(0, -1), b.shape[1]!]);
  }
  const lead = common(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const batch = sizeOf(lead);
  const flat = (x: Tensor) => reshape(spreadTo(x, [...lead, ...x.shape.slice(-2)]), [batch, ...x.shape.slice(-2)]);
  return reshape(matMul(flat(a), flat(b)), [...lead, a.shape.at(-2)!, b.shape.at(-1)!]);
}

/** Elements taken along an axis: whole numbers that are known, or come as a tensor. */
function gathered(x: Tensor, indices: Value, axis: number): Tensor {
  const size = x.shape[axis]!;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  if (isKnown(indices)) {
    const places = [...indices.data].map((i) => (i < 0 ? i + size : i));
    if (places.some((i) => i < 0 || i >= size)) return refuse(`it takes element ${Math.max(...places)} of ${size}`);
    const [first] = places;
    // Neighbours are a slice, which is cheaper.
    if (places.length > 0 && places.every((i, k) => i === first! + k))
      return reshape(slice(x, { axes: [axis], starts: [first!], ends: [first! + places.length] }), shape);
    return takeRows(x, constant(Int32Array.from(places), [places.length]), axis, shape);
  }
  return takeRows(x, reshape(indices, [sizeOf(indices.shape)]), axis, shape);
}

/** Rows that known indices point at, through as many of the first axes as each has numbers. */
function pointedAt({ tensor, numbers, attributes }: Building, shape: Shape): Tensor {
  if (attributes.int("batch_dims", 0) !== 0) return refuse("it has a GatherND in batches, which is not known here");
  const x = tensor(0);
  const indices: Known = { dtype: "int64", shape, data: Float64Array.from(numbers(1)!) };
  const target = pointed(x, indices);
  const table = reshape(x, [sizeOf(x.shape) / target.inner, target.inner]);
  const rows: Known = { dtype: "int64", shape: [target.rows.length], data: Float64Array.from(target.rows) };
  return reshape(gathered(table, rows, 0), target.shape);
}

/** Rows of a table made by bringing an axis to the front. */
function takeRows(x: Tensor, indices: Tensor, axis: number, shape: Shape): Tensor {
  const order = [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)];
  const moved = transpose(x, order);
  const rows = gather(reshape(moved, [x.shape[axis]!, sizeOf(x.shape) / x.shape[axis]!]), indices);
  const taken = reshape(rows, [indices.shape[0]!, ...moved.shape.slice(1)]);
  const back = x.shape.map((_, i) => order.indexOf(i));
  return reshape(transpose(taken, back), shape);
}

function convolution(node: Building): Tensor {
  const { attributes, tensor, has } = node;
  const [x, w] = [tensor(0), tensor(1)];
  const bias = has(2) ? { bias: tensor(2) } : {};
  const groups = attributes.int("group", 1);
  const window = windowOf(attributes, w.shape.slice(2), x.shape.slice(2));
  const kernel = dilated(w, window.dilations);
  const { input, padding } = padded(x, window.pads, 0);
  const stride = window.strides[0]!;
  if (window.strides.every((s) => s === stride)) return conv(input, kernel, { stride, padding, groups, ...bias });
  // Strides that differ: every position, of which those that are wanted are kept.
  const all = conv(input, kernel, { padding, groups, ...bias });
  const axes = spatialOf(all);
  return slice(all, {
    axes,
    starts: axes.map(() => 0),
    ends: axes.map((axis) => all.shape[axis]!),
    steps: window.strides,
  });
}

/** A kernel with zeros between its taps. */
function dilated(w: Tensor, dilations: readonly number[]): Tensor {
  let kernel = w;
  dilations.forEach((d, i) => {
    const axis = i + 2;
    const taps = kernel.shape[axis]!;
    if (d === 1 || taps === 1) return;
    const apart = pad(reshape(kernel, kernel.shape.toSpliced(axis, 1, taps, 1)), {
      axes: [axis + 1],
      before: [0],
      after: [d - 1],
    });
    const joined = reshape(apart, kernel.shape.with(axis, taps * d));
    kernel = slice(joined, { axes: [axis], starts: [0], ends: [(taps - 1) * d + 1] });
  });
  return kernel;
}

/** Padding that is the same everywhere is left to the operator; any other is added first. */
export function padded(
  x: Tensor,
  { before, after }: { before: readonly number[]; after: readonly number[] },
  value: number,
): { input: Tensor; padding: number } {
  const [first] = before;
  if ([...before, ...after].every((n) => n === first)) return { input: x, padding: first! };
  return { input: pad(x, { axes: spatialOf(x), before, after, value }), padding: 0 };
}

function transposedConvolution({ attributes, tensor, has }: Building): Tensor {
  const [x, w] = [tensor(0), tensor(1)];
  const { strides, pads, dilations } = windowOf(attributes, w.shape.slice(2), x.shape.slice(2));
  const extra = attributes.ints("output_padding") ?? strides.map(() => 0);
  const same = (values: readonly number[]) => values.every((n) => n === values[0]);
  if (
    !same(strides) ||
    !same([...pads.before, ...pads.after]) ||
    !same(dilations) ||
    dilations[0] !== 1 ||
    !same(extra)
  )
    return refuse("it has a ConvTranspose whose strides, pads or dilations differ, which is not known here");
  return convTranspose(x, w, {
    ...{ stride: strides[0]!, padding: pads.before[0]!, outputPadding: extra[0]! },
    groups: attributes.int("group", 1),
    ...(has(2) && { bias: tensor(2) }),
  });
}

/** Patches `[batch, channels × patch, places]` added up to an image: a transposed convolution with one tap for each element. */
function imageOfPatches({ attributes, tensor, numbers }: Building): Tensor {
  const x = tensor(0);
  const [image, block] = [numbers(1)!, numbers(2)!];
  const usual = image.flatMap(() => [0, 0]);
  const pads = attributes.ints("pads") ?? usual;
  const strides = attributes.ints("strides") ?? image.map(() => 1);
  const [stride, padding] = [strides[0]!, pads[0]!];
  const odd = strides.some((s) => s !== stride) || pads.some((p) => p !== padding);
  if (odd || attributes.ints("dilations")?.some((d) => d !== 1))
    return refuse("it has a Col2Im whose strides or pads differ, or with dilations, which is not known here");
  const taps = sizeOf(block);
  const [batch, rows] = x.shape as [number, number];
  const grid = image.map((size, i) => Math.floor((size + 2 * padding - block[i]!) / stride) + 1);
  const over = image.map((size, i) => size - ((grid[i]! - 1) * stride - 2 * padding + block[i]!));
  if (over.some((n) => n !== over[0])) return refuse("it has a Col2Im of an image whose sides are cut differently");
  checkSize([rows, taps]);
  const kernel = new Float32Array(rows * taps);
  for (let row = 0; row < rows; row++) kernel[row * taps + (row % taps)] = 1;
  return convTranspose(reshape(x, [batch, rows, ...grid]), constant(kernel, [rows, 1, ...block]), {
    ...{ stride, padding, outputPadding: over[0]!, groups: rows / taps },
  });
}

/** By running statistics, as in evaluation: w (x − mean) / √(variance + eps) + b. */
function batchNormalisation({ attributes, tensor }: Building): Tensor {
  if (attributes.int("training_mode", 0) === 1) refuse("it was exported in training mode; use model.eval() before");
  const [x, w, b, mean, variance] = [0, 1, 2, 3, 4].map(tensor) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const factor = mul(w, reciprocal(sqrt(add(variance, attributes.float("epsilon", 1e-5)))));
  return add(mul(x, alongChannels(factor, x)), alongChannels(sub(b, mul(mean, factor)), x));
}

function layerNormalisation({ attributes, tensor, has }: Building): Tensor {
  const x = tensor(0);
  const axis = axisOf(attributes.int("axis", -1), rankOf(x));
  const axes = x.shape.map((_, i) => i).filter((i) => i >= axis);
  const scaled = mul(standardise(x, { axes, eps: attributes.float("epsilon", 1e-5) }).normal, tensor(1));
  return has(2) ? add(scaled, tensor(2)) : scaled;
}

/** x / √(mean of x² + eps), scaled. */
function rmsNormalisation({ attributes, tensor }: Building): Tensor {
  const x = tensor(0);
  const axis = axisOf(attributes.int("axis", -1), rankOf(x));
  const axes = x.shape.map((_, i) => i).filter((i) => i >= axis);
  const square = reduceMean(mul(x, x), { axes, keepDims: true });
  return mul(mul(x, reciprocal(sqrt(add(square, attributes.float("epsilon", 1e-5))))), tensor(1));
}

/** Each sample's channels in groups; of one channel each, instance normalisation. */
function groupNormalisation({ attributes, tensor }: Building, groups: number): Tensor {
  const [x, w, b] = [0, 1, 2].map(tensor) as [Tensor, Tensor, Tensor];
  const [batch, channels] = x.shape as [number, number];
  const parted = reshape(x, [batch, groups, sizeOf(x.shape) / (batch * groups)]);
  const normal = reshape(standardise(parted, { axes: [2], eps: attributes.float("epsilon", 1e-5) }).normal, x.shape);
  // Version 18 has a weight for each group, version 21 one for each channel.
  const each = (v: Tensor) =>
    v.shape[0] === channels ? v : reshape(expand(reshape(v, [groups, 1]), [groups, channels / groups]), [channels]);
  return add(mul(normal, alongChannels(each(w), x)), alongChannels(each(b), x));
}

function generalProduct({ attributes, tensor, has }: Building): Tensor {
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  const result = gemm(tensor(0), tensor(1), {
    transA: attributes.int("transA", 0) === 1,
    transB: attributes.int("transB", 0) === 1,
  });
  const scaled = alpha === 1 ? result : mul(result, alpha);
  if (!has(2) || beta === 0) return scaled;
  return add(scaled, beta === 1 ? tensor(2) : mul(tensor(2), beta));
}

function sliced(node: Building): Tensor {
  const { attributes, tensor, numbers, has } = node;
  const x = tensor(0);
  const starts = (has(1) ? numbers(1) : attributes.ints("starts"))!;
  const ends = (has(2) ? numbers(2) : attributes.ints("ends"))!;
  const axes = ((has(3) ? numbers(3) : attributes.ints("axes")) ?? starts.map((_, i) => i)).map((axis) =>
    axisOf(axis, rankOf(x)),
  );
  const steps = (has(4) ? numbers(4) : undefined) ?? axes.map(() => 1);
  let result = x;
  const forward: number[] = [];
  const ranges = axes.map((axis, i) => sliceRange(starts[i]!, ends[i]!, steps[i]!, x.shape[axis]!));
  if (ranges.some(({ count }) => count === 0)) return refuse("it slices to nothing");
  ranges.forEach(({ start, count }, i) => {
    if (steps[i]! > 0) forward.push(i);
    else {
      const places = Float64Array.from({ length: count }, (_, k) => start + k * steps[i]!);
      result = gathered(result, { dtype: "int64", shape: [count], data: places }, axes[i]!);
    }
  });
  return slice(result, {
    axes: forward.map((i) => axes[i]!),
    starts: forward.map((i) => ranges[i]!.start),
    ends: forward.map((i) => ranges[i]!.start + (ranges[i]!.count - 1) * steps[i]! + 1),
    steps: forward.map((i) => steps[i]!),
  });
}

function parted({ attributes, tensor, numbers, has, outputs }: Building): readonly Tensor[] {
  const x = tensor(0);
  const axis = axisOf(attributes.int("axis", 0), rankOf(x));
  const given = (has(1) ? numbers(1) : undefined) ?? attributes.ints("split");
  const size = x.shape[axis]!;
  const each = Math.ceil(size / outputs);
  const sizes = given ?? Array.from({ length: outputs }, (_, i) => Math.min(each, size - i * each));
  return split(x, sizes, axis);
}

function paddedBy({ attributes, tensor, numbers, has }: Building): Tensor {
  const x = tensor(0);
  const mode = attributes.text("mode", "constant");
  const amounts = (has(1) ? numbers(1) : attributes.ints("pads"))!;
  const axes = (has(3) ? numbers(3) : undefined)?.map((axis) => axisOf(axis, rankOf(x))) ?? x.shape.map((_, i) => i);
  const [before, after] = [amounts.slice(0, axes.length), amounts.slice(axes.length)];
  if (mode !== "constant") return refuse(`it pads in the way ${mode}, which is not known here`);
  const value = (has(2) ? numbers(2)?.[0] : undefined) ?? attributes.float("value", 0);
  // Less than nothing is cut away.
  const cut = slice(x, {
    axes,
    starts: before.map((n) => Math.max(0, -n)),
    ends: axes.map((axis, i) => x.shape[axis]! - Math.max(0, -after[i]!)),
  });
  return pad(cut, {
    axes,
    before: before.map((n) => Math.max(0, n)),
    after: after.map((n) => Math.max(0, n)),
    value,
  });
}

function squeezed({ attributes, tensor, numbers, has }: Building): Tensor {
  const x = tensor(0);
  const given = (has(1) ? numbers(1) : undefined) ?? attributes.ints("axes");
  const gone = new Set(
    given?.map((axis) => axisOf(axis, rankOf(x))) ?? x.shape.flatMap((d, i) => (d === 1 ? [i] : [])),
  );
  return reshape(
    x,
    x.shape.filter((_, i) => !gone.has(i)),
  );
}

function unsqueezed({ attributes, tensor, numbers, has }: Building): Tensor {
  const x = tensor(0);
  const given = ((has(1) ? numbers(1) : undefined) ?? attributes.ints("axes"))!;
  const rank = rankOf(x) + given.length;
  const added = new Set(given.map((axis) => axisOf(axis, rank)));
  const rest = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)),
  );
}

/** Repeats along every axis. */
function tiled({ tensor, numbers }: Building): Tensor {
  const x = tensor(0);
  const repeats = numbers(1)!;
  const shape = x.shape.map((d, i) => d * repeats[i]!);
  checkSize(shape);
  const apart = reshape(
    x,
    x.shape.flatMap((d) => [1, d]),
  );
  return reshape(
    expand(
      apart,
      x.shape.flatMap((d, i) => [repeats[i]!, d]),
    ),
    shape,
  );
}

/** Channels to space, in both of its orders. */
function depthToSpace({ attributes, tensor }: Building): Tensor {
  const x = tensor(0);
  const b = attributes.int("blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const depthFirst = attributes.text("mode", "DCR") === "DCR";
  const parts = reshape(x, depthFirst ? [n, b, b, c / b ** 2, h, w] : [n, c / b ** 2, b, b, h, w]);
  return reshape(transpose(parts, depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, c / b ** 2, h * b, w * b]);
}

function spaceToDepth({ attributes, tensor }: Building): Tensor {
  const x = tensor(0);
  const b = attributes.int("blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  return reshape(transpose(reshape(x, [n, c, h / b, b, w / b, b]), [0, 3, 5, 1, 2, 4]), [n, c * b ** 2, h / b, w / b]);
}

const boundedBy = ({ attributes, tensor, numbers, has }: Building): Tensor => {
  const low = (has(1) ? numbers(1)?.[0] : undefined) ?? attributes.float("min", -HIGHEST);
  const high = (has(2) ? numbers(2)?.[0] : undefined) ?? attributes.float("max", HIGHEST);
  return clip(tensor(0), low, high);
};

const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
const tanhGelu = (x: Tensor): Tensor => {
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, add(tanh(inner), 1)), 0.5);
};

/** Every operator that is known, by name. */
export const operators: Readonly<Record<string, Operator>> = {
  Abs: one(absolute),
  Add: two(add),
  And: two((a, b) => equal(add(cast(a, "float32"), cast(b, "float32")), 2)),
  AveragePool: (node) => averagePool(node.tensor(0), node.attributes),
  BatchNormalization: batchNormalisation,
  Cast: ({ tensor, attributes }) =>
    cast(tensor(0), dtypeOf(attributes.int("to", 1)) ?? refuse("it casts to a type that is not known")),
  CastLike: ({ tensor }) => cast(tensor(0), tensor(1).dtype),
  Celu: ({ tensor, attributes }) => {
    const alpha = attributes.float("alpha", 1);
    return mul(elu(mul(tensor(0), 1 / alpha)), alpha);
  },
  Clip: boundedBy,
  Col2Im: imageOfPatches,
  Concat: (node) => {
    const parts: Tensor[] = [];
    for (let i = 0; node.has(i); i++) parts.push(node.tensor(i));
    return concat(parts, axisOf(node.attributes.int("axis", 0), rankOf(parts[0]!)));
  },
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  Cos: one(cos),
  CumSum: ({ tensor, numbers, attributes }) => {
    const x = tensor(0);
    const axis = axisOf(numbers(1)![0]!, rankOf(x));
    const [exclusive, reverse] = [attributes.int("exclusive", 0) === 1, attributes.int("reverse", 0) === 1];
    const sums = alongAxis(cast(x, "float32"), axis, runningSums(x.shape[axis]!, { exclusive, reverse }));
    return cast(sums, x.dtype);
  },
  DepthToSpace: depthToSpace,
  Div: two(div),
  Dropout: one((x) => x),
  Einsum: (node) => {
    const operands: Tensor[] = [];
    for (let i = 0; node.has(i); i++) operands.push(node.tensor(i));
    return einsum(node.attributes.text("equation", ""), operands);
  },
  Elu: ({ tensor, attributes }) => elu(tensor(0), attributes.float("alpha", 1)),
  Equal: two(floats(equal)),
  Erf: one(erf),
  Exp: one(exp),
  Expand: ({ tensor, numbers }) => {
    const x = tensor(0);
    return spreadTo(x, common(x.shape, numbers(1)!));
  },
  Flatten: ({ tensor, attributes }) => {
    const x = tensor(0);
    const axis = attributes.int("axis", 1);
    const rows = sizeOf(x.shape.slice(0, axis < 0 ? axis + rankOf(x) : axis));
    return reshape(x, [rows, sizeOf(x.shape) / rows]);
  },
  GatherND: (node) => pointedAt(node, node.tensor(1).shape),
  Gelu: ({ tensor, attributes }) => (attributes.text("approximate", "none") === "tanh" ? tanhGelu : gelu)(tensor(0)),
  Gemm: generalProduct,
  GlobalAveragePool: one((x) => reduceMean(x, { axes: spatialOf(x), keepDims: true })),
  GlobalMaxPool: one((x) => reduceMax(x, { axes: spatialOf(x), keepDims: true })),
  Greater: two(floats(greater)),
  GreaterOrEqual: two(floats((a, b) => not(greater(b, a)))),
  GroupNormalization: (node) => groupNormalisation(node, node.attributes.int("num_groups", 1)),
  HardSigmoid: ({ tensor, attributes }) =>
    clip(add(mul(tensor(0), attributes.float("alpha", 0.2)), attributes.float("beta", 0.5)), 0, 1),
  HardSwish: one((x) => mul(x, clip(add(mul(x, 1 / 6), 0.5), 0, 1))),
  Identity: one((x) => x),
  InstanceNormalization: (node) => groupNormalisation(node, node.tensor(0).shape[1]!),
  LayerNormalization: layerNormalisation,
  LeakyRelu: ({ tensor, attributes }) => leakyRelu(tensor(0), attributes.float("alpha", 0.01)),
  Less: two(floats((a, b) => greater(b, a))),
  LessOrEqual: two(floats((a, b) => not(greater(a, b)))),
  Log: one(log),
  LogSoftmax: soft(logSoftmax),
  MatMul: two(product),
  Max: many(maximum),
  MaxPool: (node) => maximumPool(node.tensor(0), node.attributes),
  Mean: (node) => {
    const sum = many(add)(node) as Tensor;
    let count = 0;
    while (node.has(count)) count++;
    return mul(sum, 1 / count);
  },
  Min: many(minimum),
  Mish: one((x) => mul(x, tanh(softplus(x)))),
  Mul: two(mul),
  Neg: one(neg),
  Not: one(not),
  Or: two((a, b) => greater(add(cast(a, "float32"), cast(b, "float32")), 0)),
  PRelu: two((x, slope) => sub(relu(x), mul(slope, relu(neg(x))))),
  Pad: paddedBy,
  Pow: power,
  RMSNormalization: rmsNormalisation,
  Reciprocal: one(reciprocal),
  ReduceL2: reduction((x, options) => sqrt(reduceSum(mul(x, x), options))),
  ReduceMax: reduction(reduceMax),
  ReduceMean: reduction(reduceMean),
  ReduceMin: reduction((x, options) => neg(reduceMax(neg(x), options))),
  ReduceSum: reduction(reduceSum),
  ReduceSumSquare: reduction((x, options) => reduceSum(mul(x, x), options)),
  Relu: one(relu),
  Reshape: ({ tensor, numbers, attributes }) => {
    const x = tensor(0);
    const wanted = numbers(1) ?? attributes.ints("shape")!;
    return reshape(x, reshaped(x, wanted, attributes.int("allowzero", 0) === 1));
  },
  Resize: ({ tensor, numbers, has, attributes, opset }) => {
    if (opset < 11) return refuse("it resizes as before version 11, which is not known here");
    // Inputs that are left out may come as empty ones.
    const given = (i: number) => (has(i) && numbers(i)!.length > 0 ? numbers(i) : undefined);
    return resize(tensor(0), { attributes, scales: given(2), sizes: given(3) });
  },
  Selu: ({ tensor, attributes }) =>
    mul(elu(tensor(0), attributes.float("alpha", SELU.alpha)), attributes.float("gamma", SELU.gamma)),
  Sigmoid: one(sigmoid),
  Sin: one(sin),
  Slice: sliced,
  Softmax: soft(softmax),
  Softplus: one(softplus),
  Softsign: one((x) => div(x, add(absolute(x), 1))),
  SpaceToDepth: spaceToDepth,
  Split: parted,
  Sqrt: one(sqrt),
  Squeeze: squeezed,
  Sub: two(sub),
  Sum: many(add),
  Swish: ({ tensor, attributes }) => {
    const x = tensor(0);
    return mul(x, sigmoid(mul(x, attributes.float("alpha", 1))));
  },
  Tanh: one(tanh),
  Tile: tiled,
  Transpose: ({ tensor, attributes }) => {
    const x = tensor(0);
    return transpose(x, attributes.ints("perm") ?? x.shape.map((_, i) => i).reverse());
  },
  Unsqueeze: unsqueezed,
  Where: ({ tensor }) => where(tensor(0), tensor(1), tensor(2)),
};

/** Elements along an axis, for the builder, which knows whether the indices are known. */
export const gatherAlong = gathered;

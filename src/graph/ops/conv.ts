/**
 * Convolution of any spatial rank, and its two adjoints. Each is the gradient of another, so the three form a closed
 * set under differentiation: conv(x, w), inputAdjoint(y, w) (a transposed convolution) and weightAdjoint(x, y).
 * Shapes: x `[batch, in, …]`, w `[out, in / groups, …]`, y `[batch, out, …]`.
 */
import { apply, describe, type Op, type Shape, shapeError, type Tensor } from "../tensor.ts";
import { type ConvGeometry, spatialAxes, type WeightGeometry, weightProducts } from "./conv-weight.ts";
import { add } from "./elementwise.ts";
import { reduceSum } from "./reduce.ts";
import { flip, pad, reshape, slice, transpose, weave } from "./shape.ts";

const geometryNode = ({ stride, padding, groups }: ConvGeometry, kernel: Shape) => ({
  kernel_shape: kernel,
  strides: kernel.map(() => stride),
  pads: [...kernel, ...kernel].map(() => padding),
  group: groups,
});

const convOp: Op<ConvGeometry> = {
  name: "conv",
  infer: ([x, w, b], { stride, padding, groups }) => {
    const fits =
      x!.shape.length >= 3 &&
      x!.shape.length === w!.shape.length &&
      x!.shape[1] === w!.shape[1]! * groups &&
      w!.shape[0]! % groups === 0;
    if (!fits)
      throw shapeError(
        "conv",
        `weight ${describe(w!)}${groups > 1 ? ` in ${groups} groups` : ""} does not fit input ${describe(x!)}`,
      );
    if (b !== undefined && (b.shape.length !== 1 || b.shape[0] !== w!.shape[0]))
      throw shapeError("conv", `${describe(b)} is no bias for ${w!.shape[0]} channels`);
    const spatial = x!.shape.slice(2).map((d, i) => {
      const room = d + 2 * padding - w!.shape[i + 2]!;
      if (room < 0)
        throw shapeError(
          "conv",
          `input ${describe(x!)} with padding ${padding} is smaller than kernel ${describe(w!)}`,
        );
      return Math.floor(room / stride) + 1;
    });
    return [{ shape: [x!.shape[0]!, w!.shape[0]!, ...spatial], dtype: "float32" }];
  },
  onnx: (geometry, [, w]) => ({ type: "Conv", attributes: geometryNode(geometry, w!.shape.slice(2)) }),
  gradient: ({ inputs: [x, w], attributes }, [g], wanted) => [
    wanted[0] ? inputAdjoint(g!, w!, { ...attributes, spatial: x!.shape.slice(2) }) : undefined,
    wanted[1] ? weightAdjoint(x!, g!, { ...attributes, kernel: w!.shape.slice(2) }) : undefined,
    wanted[2] ? reduceSum(g!, { axes: [0, ...spatialAxes(g!)] }) : undefined,
  ],
};

/**
 * Whether ONNX Runtime (1.30) computes a convolution wrongly through WebGPU: where the output channels divide by four it
 * reads input channels by threes if there are 6, 9, 15 … of them, which is right for exactly three only (known as
 * microsoft/onnxruntime#29651). One more channel, of zeros, avoids it.
 */
const isMiscomputed = (x: Tensor, w: Tensor): boolean => {
  const [out, into] = w.shape as [number, number];
  return into === x.shape[1] && into > 3 && into % 3 === 0 && into % 4 !== 0 && out % 4 === 0;
};

const withZeroChannel = (t: Tensor): Tensor => pad(t, { axes: [1], before: [0], after: [1] });

export interface ConvOptions {
  stride?: number;
  padding?: number;
  groups?: number;
  /** `[out]`. */
  bias?: Tensor;
}

/** Cross-correlation of x `[batch, in, …]` with w `[out, in / groups, …]`, as every deep-learning library means by convolution. */
export function conv(x: Tensor, w: Tensor, { stride = 1, padding = 0, groups = 1, bias }: ConvOptions = {}): Tensor {
  const operands = isMiscomputed(x, w) ? [x, w].map(withZeroChannel) : [x, w];
  return apply(convOp, bias === undefined ? operands : [...operands, bias], { stride, padding, groups })[0]!;
}

interface InputAdjoint extends ConvGeometry {
  /** Spatial shape of the result: a strided convolution forgets it. */
  readonly spatial: Shape;
}

const inputAdjointOp: Op<InputAdjoint> = {
  name: "inputAdjoint",
  infer: ([y, w], { spatial, stride, padding, groups }) => {
    const fits =
      y!.shape[1] === w!.shape[0] &&
      spatial.every((d, i) => Math.floor((d + 2 * padding - w!.shape[i + 2]!) / stride) + 1 === y!.shape[i + 2]);
    if (!fits)
      throw shapeError(
        "inputAdjoint",
        `${describe(y!)} is no result of kernel ${describe(w!)} on [${spatial.join(", ")}], stride ${stride}, padding ${padding}`,
      );
    return [{ shape: [y!.shape[0]!, w!.shape[1]! * groups, ...spatial], dtype: "float32" }];
  },
  lower: ([y, w], geometry) => [polyphase(y!, w!, geometry)],
  gradient: ({ inputs: [y, w], attributes }, [g], wanted) => [
    wanted[0] ? conv(g!, w!, attributes) : undefined,
    wanted[1] ? weightAdjoint(g!, y!, { ...attributes, kernel: w!.shape.slice(2) }) : undefined,
  ],
};

/** The gradient of `conv` with respect to its input: y `[batch, out, …]` and w `[out, in / groups, …]` to `[batch, in, …spatial]`. */
export const inputAdjoint = (y: Tensor, w: Tensor, geometry: InputAdjoint): Tensor =>
  apply(inputAdjointOp, [y, w], geometry)[0]!;

/**
 * A transposed convolution of stride s as one ordinary convolution that computes the s^rank phases of the result as
 * channels, then interleaves them. Twice as fast as ONNX Runtime's ConvTranspose (36 against 70 GFLOP/s, one core), whose
 * groups moreover are wrong through WebGPU.
 * Position o of the result gets tap k from input (o + padding − k) / s: with o + padding = s q + r and k = s j + r,
 * phase r is the correlation of the input with the reversed taps j, at q.
 */
function polyphase(y: Tensor, w: Tensor, { stride: s, padding, groups, spatial }: InputAdjoint): Tensor {
  const rank = spatial.length;
  const out = w.shape[0]! / groups;
  const into = w.shape[1]!;
  const kernel = w.shape.slice(2);
  const axes = spatialAxes(w);
  const taps = kernel.map((k) => Math.ceil(k / s));
  const first = Math.floor(padding / s);
  const last = spatial.map((d) => Math.floor((d - 1 + padding) / s));

  // Kernel: [groups × out, in, taps × phases …] → [groups × phases … × in, out, reversed taps …]
  let phases = pad(w, { axes, before: kernel.map(() => 0), after: kernel.map((k, i) => taps[i]! * s - k) });
  phases = reshape(phases, [groups, out, into, ...taps.flatMap((j) => [j, s])]);
  phases = transpose(phases, [0, ...taps.map((_, i) => 4 + 2 * i), 2, 1, ...taps.map((_, i) => 3 + 2 * i)]);
  phases = reshape(phases, [groups * s ** rank * into, out, ...taps]);
  phases = flip(phases, rank);

  // Input: so many zeros (or, where negative, so much cut away) that position q of the result lies at q − first.
  const before = taps.map((j) => j - 1 - first);
  const after = last.map((q, i) => q - (y.shape[i + 2]! - 1));
  const x = slice(y, {
    axes,
    starts: before.map((n) => Math.max(0, -n)),
    ends: after.map((n, i) => y.shape[i + 2]! + Math.min(0, n)),
  });
  const margins = { axes, before: before.map((n) => Math.max(0, n)), after: after.map((n) => Math.max(0, n)) };
  const even = before.every((n, i) => n === before[0] && n === after[i]) && before[0]! >= 0;
  let result: Tensor;
  if (even) result = conv(x, phases, { groups, padding: before[0]! });
  // A kernel of one tap lets zeros through, so they may as well come afterwards. (ONNX Runtime moves padding into a
  // convolution, and its WebGPU kernel for a single tap then ignores what is added at the end.)
  else if (taps.every((j) => j === 1)) result = pad(conv(x, phases, { groups }), margins);
  else result = conv(pad(x, margins), phases, { groups });
  if (s === 1) return result;

  // Interleave, then cut to the result.
  const batch = y.shape[0]!;
  const positions = last.map((q) => q - first + 1);
  const apart = reshape(result, [batch * groups, ...positions.map(() => s), into, ...positions]);
  const whole = reshape(weave(apart, rank), [batch, groups * into, ...positions.map((q) => q * s)]);
  const start = padding - first * s;
  return slice(whole, { axes, starts: spatial.map(() => start), ends: spatial.map((d) => start + d) });
}

const weightAdjointOp: Op<WeightGeometry> = {
  name: "weightAdjoint",
  infer: ([x, y], { kernel, stride, padding, groups }) => {
    const fits = kernel.every(
      (k, i) => Math.floor((x!.shape[i + 2]! + 2 * padding - k) / stride) + 1 === y!.shape[i + 2],
    );
    if (!fits || x!.shape[0] !== y!.shape[0])
      throw shapeError("weightAdjoint", `${describe(y!)} is no result of kernel [${kernel}] on ${describe(x!)}`);
    return [{ shape: [y!.shape[1]!, x!.shape[1]! / groups, ...kernel], dtype: "float32" }];
  },
  lower: ([x, y], geometry) => [weightProducts(x!, y!, geometry)],
  gradient: ({ inputs: [x, y], attributes }, [g], wanted) => [
    wanted[0] ? inputAdjoint(y!, g!, { ...attributes, spatial: x!.shape.slice(2) }) : undefined,
    wanted[1] ? conv(x!, g!, attributes) : undefined,
  ],
};

/** The gradient of `conv` with respect to its weight: x `[batch, in, …]` and y `[batch, out, …]` to `[out, in / groups, …kernel]`. */
export const weightAdjoint = (x: Tensor, y: Tensor, geometry: WeightGeometry): Tensor =>
  apply(weightAdjointOp, [x, y], geometry)[0]!;

export interface ConvTransposeOptions extends ConvOptions {
  /** Added to one side of the result's length, below the stride. */
  outputPadding?: number;
}

/** Transposed convolution of x `[batch, in, …]` with w `[in, out / groups, …]`, PyTorch's ConvTranspose. */
export function convTranspose(
  x: Tensor,
  w: Tensor,
  { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias }: ConvTransposeOptions = {},
): Tensor {
  if (
    x.shape.length < 3 ||
    x.shape.length !== w.shape.length ||
    x.shape[1] !== w.shape[0] ||
    x.shape[1]! % groups !== 0
  )
    throw shapeError(
      "convTranspose",
      `weight ${describe(w)}${groups > 1 ? ` in ${groups} groups` : ""} does not fit input ${describe(x)}`,
    );
  const channels = w.shape[1]! * groups;
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== channels))
    throw shapeError("convTranspose", `${describe(bias)} is no bias for ${channels} channels`);
  const spatial = x.shape.slice(2).map((d, i) => (d - 1) * stride - 2 * padding + w.shape[i + 2]! + outputPadding);
  if (spatial.some((d) => d < 1) || outputPadding >= stride) {
    throw shapeError(
      "convTranspose",
      `input ${describe(x)}, kernel ${describe(w)}, stride ${stride}, padding ${padding}, output padding ${outputPadding} leave no result`,
    );
  }
  const y = inputAdjoint(x, w, { stride, padding, groups, spatial });
  return bias === undefined ? y : add(y, reshape(bias, [channels, ...spatial.map(() => 1)]));
}

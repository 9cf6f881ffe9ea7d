/**
 * Convolution of any spatial rank, and its two adjoints. Each is the gradient of another, so the three form a closed
 * set under differentiation: conv(x, w), inputAdjoint(y, w) (a transposed convolution) and weightAdjoint(x, y).
 * Shapes: x `[batch, in, …]`, w `[out, in / groups, …]`, y `[batch, out, …]`.
 */

import {
  type ConvGeometry,
  spatialAxes,
  type WeightGeometry,
  weightProducts,
} from "../lowering/conv-weight-gradient.ts";
import { convByPoints, inputAdjointByPoints, planOf, weightAdjointByPoints } from "../lowering/winograd.ts";
import { apply, constant, describe, type Op, type Shape, shapeError, type Tensor } from "../tensor.ts";
import { add } from "./elementwise.ts";
import { reduceSum } from "./reduce.ts";
import { concat, expand, flip, pad, reshape, slice, transpose, weave, weaveParts } from "./shape.ts";

const geometryNode = ({ stride, padding, groups }: ConvGeometry, kernel: Shape) => ({
  kernel_shape: kernel,
  strides: kernel.map(() => stride),
  pads: [...kernel, ...kernel].map(() => padding),
  group: groups,
});

/** A bias `[channels]`, where there is one, added to y `[batch, channels, …]`. */
const withBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : add(y, reshape(bias, [bias.shape[0]!, ...spatialAxes(y).map(() => 1)]));

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
  lower: ([x, w, b], geometry, _, target) => {
    const plan = target === "cpu" ? planOf(x!.shape, w!.shape, geometry) : undefined;
    if (plan === undefined) return undefined;
    const y = convByPoints(x!, w!, plan);
    return [withBias(y, b)];
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
  bias?: Tensor | undefined;
}

/** Cross-correlation of x `[batch, in, …]` with w `[out, in / groups, …]`, as every deep-learning library means by convolution. */
export function conv(x: Tensor, w: Tensor, { stride = 1, padding = 0, groups = 1, bias }: ConvOptions = {}): Tensor {
  const geometry = { stride, padding, groups };
  const shift = bias === undefined ? [] : [bias];
  convOp.infer([x, w, ...shift], geometry);
  const operands = isMiscomputed(x, w) ? [x, w].map(withZeroChannel) : [x, w];
  return apply(convOp, [...operands, ...shift], geometry)[0]!;
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
  lower: ([y, w], geometry, [x], target) => {
    if (target !== "cpu") return [polyphase(y!, w!, geometry)];
    const plan = planOf(x!.shape, w!.shape, geometry);
    if (plan !== undefined) return [inputAdjointByPoints(y!, w!, plan)];
    return [addingUpIsFaster(w!, geometry) ? addedUp(y!, w!, geometry) : polyphase(y!, w!, geometry)];
  },
  gradient: ({ inputs: [y, w], attributes }, [g], wanted) => [
    wanted[0] ? conv(g!, w!, attributes) : undefined,
    wanted[1] ? weightAdjoint(g!, y!, { ...attributes, kernel: w!.shape.slice(2) }) : undefined,
  ],
};

/** The gradient of `conv` with respect to its input: y `[batch, out, …]` and w `[out, in / groups, …]` to `[batch, in, …spatial]`. */
export const inputAdjoint = (y: Tensor, w: Tensor, geometry: InputAdjoint): Tensor =>
  apply(inputAdjointOp, [y, w], geometry)[0]!;

/** ONNX Runtime's own transposed convolution, by axis. */
const convTransposeOp: Op<{
  readonly strides: Shape;
  readonly paddings: Shape;
  readonly groups: number;
  readonly spatial: Shape;
}> = {
  name: "convTranspose",
  infer: ([y, w], { groups, spatial }) => [
    { shape: [y!.shape[0]!, w!.shape[1]! * groups, ...spatial], dtype: "float32" },
  ],
  onnx: ({ strides, paddings, groups, spatial }, [y, w]) => {
    const kernel = w!.shape.slice(2);
    const reached = kernel.map((k, i) => (y!.shape[i + 2]! - 1) * strides[i]! + k - 2 * paddings[i]!);
    return {
      type: "ConvTranspose",
      attributes: {
        ...{ kernel_shape: kernel, strides, pads: [...paddings, ...paddings], group: groups },
        output_padding: spatial.map((d, i) => d - reached[i]!),
      },
    };
  },
};

/**
 * Whether a transposed convolution is faster where products come first and what overlaps is added up afterwards. So many numbers
 * are moved for each tap and position as the result has channels; a convolution gathers as many as y has. On one core of a CPU
 * it takes 20 for 27 ms (64 from 128 channels of 16 × 16, kernel 3, stride 2), 37 for 43 (128 from 256 of 256, kernel 7, stride 2)
 * and 1.6 for 3.7 (16 from 32 of 13 × 13, kernel 3), but 4.8 for 3.7 (256 from 32 of 64, kernel 7, stride 2), and without a stride,
 * where there are no phases to be put together, 6.4 for 3.9 (128 from 256 of 12, kernel 3).
 */
function addingUpIsFaster({ shape: [out, into] }: Tensor, { groups, stride }: InputAdjoint): boolean {
  return into! < out! / groups && (stride > 1 || into! <= FEW_CHANNELS);
}
const FEW_CHANNELS = 32;

/** One whose products come first. Along a single axis ONNX Runtime (1.30) adds up two to four times as slowly as along two, one of them of length 1. */
function addedUp(y: Tensor, w: Tensor, { stride, padding, groups, spatial }: InputAdjoint): Tensor {
  const lone = spatial.length === 1 ? [1] : [];
  const widened = (t: Tensor): Tensor => reshape(t, [...t.shape.slice(0, 2), ...lone, ...t.shape.slice(2)]);
  const x = apply(convTransposeOp, [y, w].map(widened), {
    strides: [...lone, ...spatial.map(() => stride)],
    paddings: [...lone.map(() => 0), ...spatial.map(() => padding)],
    groups,
    spatial: [...lone, ...spatial],
  })[0]!;
  return reshape(x, [x.shape[0]!, x.shape[1]!, ...spatial]);
}

/** Neighbouring phases of one axis that read the same inputs. */
interface Phases {
  /** How many there are, and the tap modulo the stride with which the first begins; the next ones begin one further each. */
  readonly count: number;
  readonly remainder: number;
  /** How many taps each of them has; none where they would meet padding only. */
  readonly taps: number;
  /** The input that tap `remainder` meets at the first position. */
  readonly first: number;
}

/** The phases of an axis of `size` inputs, one for each position of the result modulo the stride, in order. */
function phasesOf(size: number, kernel: number, { stride, padding }: ConvGeometry): Phases[] {
  const runs: Phases[] = [];
  for (let phase = 0; phase < stride; phase++) {
    const remainder = (phase + padding) % stride;
    const first = (phase + padding - remainder) / stride;
    const all = Math.max(0, Math.ceil((kernel - remainder) / stride));
    const taps = first - all + 1 < size ? all : 0;
    const last = runs.at(-1);
    if (last?.taps === taps && last.first === first) runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ count: 1, remainder, taps, first });
  }
  return runs;
}

/**
 * A transposed convolution of stride s as ordinary convolutions that compute the s^rank phases of the result as channels,
 * interleaved at the end: for any device, as the groups of ONNX Runtime's ConvTranspose are wrong through WebGPU. Position o of
 * the result gets tap k from input (o + padding − k) / s: with o + padding = s q + r and k = s j + r, phase r is the correlation
 * of the input with the reversed taps j, at q. Phases with as many taps share a convolution; one for all, with zeros for the
 * taps that some lack, does up to three times the work (kernel 3, stride 2, 8 × 8).
 */
function polyphase(y: Tensor, w: Tensor, geometry: InputAdjoint): Tensor {
  const { stride: s, groups, spatial } = geometry;
  const rank = spatial.length;
  const batch = y.shape[0]!;
  const into = w.shape[1]!;
  const positions = spatial.map((d) => Math.ceil(d / s));
  const runs = spatial.map((_, axis) => phasesOf(y.shape[axis + 2]!, w.shape[axis + 2]!, geometry));
  const computed = (chosen: readonly Phases[], shape: Shape): Tensor =>
    chosen.some(({ taps }) => taps === 0)
      ? zeros(shape)
      : reshape(correlation(y, w, geometry, chosen, positions), shape);
  // Interleaved, there may be some more positions than are asked for.
  const trimmed = (woven: Tensor): Tensor =>
    slice(reshape(woven, [batch, groups * into, ...positions.map((q) => q * s)]), {
      axes: spatialAxes(w),
      starts: spatial.map(() => 0),
      ends: spatial,
    });
  if (s > 1 && runs.every((own) => own.length === s)) {
    // No two phases have as many taps: each is a tensor of its own.
    const parts = runs
      .reduce<Phases[][]>((all, own) => all.flatMap((chosen) => own.map((run) => [...chosen, run])), [[]])
      .map((chosen) => computed(chosen, [batch * groups, into, ...positions]));
    return trimmed(
      weaveParts(
        parts,
        spatial.map(() => s),
      ),
    );
  }
  // [batch × groups, phases …, in, positions …], from blocks of phases along each axis.
  const blocks = (chosen: readonly Phases[]): Tensor => {
    const axis = chosen.length;
    if (axis < rank)
      return concat(
        runs[axis]!.map((run) => blocks([...chosen, run])),
        axis + 1,
      );
    return computed(chosen, [batch * groups, ...chosen.map(({ count }) => count), into, ...positions]);
  };
  const apart = blocks([]);
  if (s === 1) return reshape(apart, [batch, groups * into, ...spatial]);
  return trimmed(weave(apart, rank));
}

const zeros = (shape: Shape): Tensor =>
  expand(constant(new Float32Array(1), Array<number>(shape.length).fill(1)), shape);

/** Phases that read the same inputs, by one convolution: `[batch, groups × phases … × in, positions …]`. */
function correlation(
  y: Tensor,
  w: Tensor,
  { stride: s, groups }: InputAdjoint,
  phases: readonly Phases[],
  positions: Shape,
): Tensor {
  const rank = phases.length;
  const axes = spatialAxes(w);
  const out = w.shape[0]! / groups;
  const into = w.shape[1]!;
  const taps = phases.map((p) => p.taps);

  // Kernel: [groups × out, in, taps × remainders …] → [groups × phases … × in, out, reversed taps …]
  const spans = taps.map((j) => j * s);
  const cut = slice(w, { axes, starts: axes.map(() => 0), ends: spans.map((n, i) => Math.min(n, w.shape[i + 2]!)) });
  let kernel = pad(cut, { axes, before: axes.map(() => 0), after: spans.map((n, i) => n - cut.shape[i + 2]!) });
  kernel = slice(reshape(kernel, [groups, out, into, ...taps.flatMap((j) => [j, s])]), {
    axes: axes.map((_, i) => 4 + 2 * i),
    starts: phases.map(({ remainder }) => remainder),
    ends: phases.map(({ remainder, count }) => remainder + count),
  });
  kernel = transpose(kernel, [0, ...axes.map((_, i) => 4 + 2 * i), 2, 1, ...axes.map((_, i) => 3 + 2 * i)]);
  const count = phases.reduce((product, p) => product * p.count, 1);
  kernel = flip(reshape(kernel, [groups * count * into, out, ...taps]), rank);

  // Input: so many zeros (or, where negative, so much cut away) that the first position lies at the phases' first input.
  const before = phases.map(({ taps: j, first }) => j - 1 - first);
  const after = phases.map(({ first }, i) => first + positions[i]! - y.shape[i + 2]!);
  const x = slice(y, {
    axes,
    starts: before.map((n) => Math.max(0, -n)),
    ends: after.map((n, i) => y.shape[i + 2]! + Math.min(0, n)),
  });
  const margins = { axes, before: before.map((n) => Math.max(0, n)), after: after.map((n) => Math.max(0, n)) };
  if (before.every((n, i) => n === before[0] && n === after[i]) && before[0]! >= 0)
    return conv(x, kernel, { groups, padding: before[0]! });
  // A kernel of one tap lets zeros through, so they may as well come afterwards. (ONNX Runtime moves padding into a
  // convolution, and its WebGPU kernel for a single tap then ignores what is added at the end.)
  if (taps.every((j) => j === 1)) return pad(conv(x, kernel, { groups }), margins);
  return conv(pad(x, margins), kernel, { groups });
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
  lower: ([x, y], geometry, [w], target) => {
    const plan = target === "cpu" ? planOf(x!.shape, w!.shape, geometry) : undefined;
    return [plan === undefined ? weightProducts(x!, y!, geometry, conv) : weightAdjointByPoints(x!, y!, plan)];
  },
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
  return withBias(y, bias);
}

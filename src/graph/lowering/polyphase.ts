/**
 * Transposed convolution of stride s as ordinary convolutions that compute the s^rank phases of the
 * result as channels, which are interleaved at the end (polyphase decomposition; Vaidyanathan,
 * Multirate Systems and Filter Banks, 1993). It runs on any device: the groups of ONNX Runtime's
 * ConvTranspose are computed wrongly through WebGPU.
 *
 * Position o of the result gets tap k from input (o + padding − k) / s. With o + padding = s q + r
 * and k = s j + r, phase r is the correlation of the input with the reversed taps j, at q.
 */

import { at } from "../../lookup.ts";
import { expand } from "../ops/broadcast.ts";
import { conv, inputAdjointOp } from "../ops/conv.ts";
import { interleave } from "../ops/interleave.ts";
import type { ConvGeometry } from "../ops/kernel.ts";
import { concat, pad, reshape, slice, transpose } from "../ops/shape.ts";
import { constant, type Shape, spatialAxes, spatialOf, type Tensor } from "../tensor.ts";
import { flip, weave } from "./interleave.ts";
import { ruleFor } from "./rule.ts";

/** Neighbouring phases of one axis that read the same inputs. */
interface Phases {
  readonly count: number;
  /** The first tap of the first phase, modulo the stride; each next phase begins one further. */
  readonly remainder: number;
  /** Taps of each phase; 0 where they would meet padding only. */
  readonly taps: number;
  /** The input that tap `remainder` meets at the first position. */
  readonly first: number;
}

/**
 * The phases of an axis of `size` inputs, one for each position of the result modulo the stride, in
 * order.
 */
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
 * Phases with the same number of taps share a convolution. One convolution for all, with zeros for
 * the taps that some phases lack, does up to three times the work (kernel 3, stride 2, 8 × 8).
 */
export const polyphase = ruleFor(inputAdjointOp, ({ inputs: [y, w], attributes: geometry }) => {
  const { stride: s, groups, spatial } = geometry;
  const rank = spatial.length;
  const [batch, into] = [at(y.shape, 0), at(w.shape, 1)];
  const positions = spatial.map((d) => Math.ceil(d / s));
  const runs = spatial.map((_, axis) => phasesOf(at(y.shape, axis + 2), at(w.shape, axis + 2), geometry));
  const computed = (chosen: readonly Phases[], shape: Shape): Tensor =>
    chosen.some(({ taps }) => taps === 0)
      ? zeros(shape)
      : reshape(correlation(y, w, { groups, stride: s, phases: chosen, positions }), shape);
  // Interleaved, there may be a few more positions than the result has.
  const trimmed = (woven: Tensor): Tensor =>
    slice(reshape(woven, [batch, groups * into, ...positions.map((q) => q * s)]), {
      axes: spatialAxes(w),
      starts: spatial.map(() => 0),
      ends: spatial,
    });
  if (s > 1 && runs.every((own) => own.length === s)) {
    // No two phases have the same number of taps: each is computed as a separate tensor.
    const parts = runs
      .reduce<Phases[][]>((all, own) => all.flatMap((chosen) => own.map((run) => [...chosen, run])), [[]])
      .map((chosen) => computed(chosen, [batch * groups, into, ...positions]));
    const strides = spatial.map(() => s);
    return trimmed(interleave(parts, strides));
  }
  // [batch × groups, phases …, in, positions …], from blocks of phases along each axis.
  const blocks = (chosen: readonly Phases[]): Tensor => {
    const own = runs[chosen.length];
    if (own === undefined)
      return computed(chosen, [batch * groups, ...chosen.map(({ count }) => count), into, ...positions]);
    const parts = own.map((run) => blocks([...chosen, run]));
    return concat(parts, chosen.length + 1);
  };
  const apart = blocks([]);
  return s === 1 ? reshape(apart, [batch, groups * into, ...spatial]) : trimmed(weave(apart, rank));
});

const zeros = (shape: Shape): Tensor =>
  expand(constant(new Float32Array(1), Array<number>(shape.length).fill(1)), shape);

interface Correlation {
  readonly groups: number;
  readonly stride: number;
  /** Along each axis, phases that read the same inputs. */
  readonly phases: readonly Phases[];
  /** Positions of each phase along each axis. */
  readonly positions: Shape;
}

/**
 * Phases that read the same inputs, by one convolution: `[batch, groups × phases … × in, positions
 * …]`.
 */
function correlation(y: Tensor, w: Tensor, correlated: Correlation): Tensor {
  const { groups, phases, positions } = correlated;
  const axes = spatialAxes(w);
  const kernel = phaseKernel(w, correlated);
  const sizes = spatialOf(y);

  // Padding (or, where negative, cutting) by which the first position lies at the phases' first
  // input.
  const before = phases.map(({ taps, first }) => taps - 1 - first);
  const after = phases.map(({ first }, i) => first + at(positions, i) - at(sizes, i));
  const x = slice(y, {
    axes,
    starts: before.map((n) => Math.max(0, -n)),
    ends: after.map((n, i) => at(sizes, i) + Math.min(0, n)),
  });
  const margins = { axes, before: before.map((n) => Math.max(0, n)), after: after.map((n) => Math.max(0, n)) };
  const padding = at(before, 0);
  if (padding >= 0 && before.every((n, i) => n === padding && n === after[i]))
    return conv(x, kernel, { groups, padding });
  // A kernel of one tap maps zeros to zeros, so they may as well be added afterwards. (ONNX Runtime
  // moves padding into a convolution, and its WebGPU kernel for a single tap then ignores the
  // padding at the end.)
  if (phases.every(({ taps }) => taps === 1)) return pad(conv(x, kernel, { groups }), margins);
  return conv(pad(x, margins), kernel, { groups });
}

/**
 * The weights of phases: `[groups × out, in, taps × remainders …]` to `[groups × phases … × in,
 * out, taps reversed …]`.
 */
function phaseKernel(w: Tensor, { groups, stride: s, phases }: Correlation): Tensor {
  const axes = spatialAxes(w);
  const [out, into] = [at(w.shape, 0) / groups, at(w.shape, 1)];
  const taps = phases.map((p) => p.taps);
  const zero = axes.map(() => 0);
  const spans = taps.map((j) => j * s);
  const cut = slice(w, { axes, starts: zero, ends: spans.map((n, i) => Math.min(n, at(w.shape, i + 2))) });
  const padded = pad(cut, { axes, before: zero, after: spans.map((n, i) => n - at(cut.shape, i + 2)) });
  const remainderAxes = axes.map((_, i) => 4 + 2 * i);
  const chosen = slice(reshape(padded, [groups, out, into, ...taps.flatMap((j) => [j, s])]), {
    axes: remainderAxes,
    starts: phases.map(({ remainder }) => remainder),
    ends: phases.map(({ remainder, count }) => remainder + count),
  });
  const ordered = transpose(chosen, [0, ...remainderAxes, 2, 1, ...axes.map((_, i) => 3 + 2 * i)]);
  const count = phases.reduce((product, p) => product * p.count, 1);
  return flip(reshape(ordered, [groups * count * into, out, ...taps]), phases.length);
}

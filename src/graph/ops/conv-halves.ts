/**
 * A convolution along one axis with a quarter fewer products: Karatsuba's trick on its even and odd halves, known as the fast
 * FIR algorithm of two phases (Winograd, Arithmetic Complexity of Computations, 1980). With even and odd inputs E and D, even
 * and odd taps a and b, and E⁺ for E one later, the results at even and odd places are
 *
 *     a∗E + b∗D = (a + b)∗D + a∗(E − D)        a∗D + b∗E⁺ = (a + b)∗D + b∗(E⁺ − D)
 *
 * three convolutions of half the length and half the taps in place of four. Its gradients, derived like any other, save as much.
 */
import { sizeOf, type Tensor } from "../tensor.ts";
import { add, sub } from "./elementwise.ts";
import { concat, pad, reshape, slice, transpose } from "./shape.ts";

/** A convolution without padding: x `[batch, in, length]`, w `[out, in, taps]`, bias `[out]`. */
type Convolve = (x: Tensor, w: Tensor, options?: { bias?: Tensor | undefined }) => Tensor;

/** Below any of these the additions take what the products save (one core of an AMD EPYC). */
const FEWEST_TAPS = 4;
const FEWEST_CHANNELS = 128;
const SHORTEST = 48;

/**
 * Whether halves are faster. Forward, backward and weight gradient of 256 channels to 512 (batch 50, length 128, 7 taps) take
 * 380 ms plain, 351 with halves and 331 with halves of halves; of 128 to 128 (length 512, 4 taps) 160 and 133; of 64 to 128 more.
 */
export const halvesAreFaster = (x: Tensor, w: Tensor): boolean =>
  x.shape.length === 3 &&
  x.shape[2]! >= SHORTEST &&
  w.shape[2]! >= FEWEST_TAPS &&
  Math.min(w.shape[0]!, w.shape[1]!) >= FEWEST_CHANNELS;

/** Even and odd elements along the last axis, which has an even length. */
function halvesOf(x: Tensor): [Tensor, Tensor] {
  const shape = x.shape.with(-1, x.shape.at(-1)! / 2);
  const apart = transpose(reshape(x, [sizeOf(shape), 2]), [1, 0]);
  const half = (i: number) => reshape(slice(apart, { axes: [0], starts: [i], ends: [i + 1] }), shape);
  return [half(0), half(1)];
}

/**
 * Convolution of stride 1 of x `[batch, in, length]` with w `[out, in, taps]`, at least two of them.
 * @param convolve computes the three halves.
 */
export function convInHalves(
  x: Tensor,
  w: Tensor,
  { padding, bias }: { padding: number; bias?: Tensor | undefined },
  convolve: Convolve,
): Tensor {
  const [batch, , length] = x.shape as [number, number, number];
  const [out, , taps] = w.shape as [number, number, number];
  const results = length + 2 * padding - taps + 1;
  const half = Math.ceil(results / 2);
  const [evenTaps, oddTaps] = [Math.ceil(taps / 2), Math.floor(taps / 2)];
  const inputs = half + Math.max(evenTaps - 1, oddTaps);
  const from = (t: Tensor, start: number, size: number) =>
    slice(t, { axes: [2], starts: [start], ends: [start + size] });
  const padded = (t: Tensor, before: number, size: number) =>
    pad(t, { axes: [2], before: [before], after: [size - before - t.shape[2]!] });

  const [even, odd] = halvesOf(padded(x, padding, 2 * inputs));
  const [a, b] = halvesOf(padded(w, 0, 2 * evenTaps));
  const [long, short] = [half + evenTaps - 1, half + oddTaps - 1];
  const shared = convolve(from(odd, 0, long), add(a, b), { bias });
  const atEven = add(shared, convolve(sub(from(even, 0, long), from(odd, 0, long)), a));
  const atOdd = add(shared, convolve(sub(from(even, 1, short), from(odd, 0, short)), from(b, 0, oddTaps)));

  const size = batch * out * half;
  const joined = transpose(concat([reshape(atEven, [1, size]), reshape(atOdd, [1, size])], 0), [1, 0]);
  return from(reshape(joined, [batch, out, 2 * half]), 0, results);
}

/** Puts the phases of a strided grid together. */
import { at } from "../../lookup.ts";
import { apply, type Op, type Shape, sameShape, shapeError, spatialOf, type Tensor } from "../tensor.ts";
import { concat, reshape, slice, transpose } from "./shape.ts";

interface Phases {
  /** How many phases each spatial axis has. */
  readonly phases: Shape;
}

/** Inputs: the phases, in row-major order; see `interleave`. */
export const interleaveOp: Op<readonly [Tensor, ...Tensor[]], Phases> = {
  name: "interleave",
  infer: (parts, { phases }) => {
    const [first] = parts;
    const count = phases.reduce((a, b) => a * b, 1);
    if (parts.length !== count || !parts.every(({ shape }) => sameShape(shape, first.shape)))
      throw shapeError("interleave", `${parts.length} tensors for [${phases.join(", ")}] phases`);
    const spatial = spatialOf(first).map((d, i) => d * at(phases, i));
    return [{ shape: [...first.shape.slice(0, 2), ...spatial], dtype: first.dtype }];
  },
  compose: (parts, { phases }) => {
    const [first] = parts;
    const [batch, channels] = [at(first.shape, 0), at(first.shape, 1)];
    const positions = spatialOf(first);
    const rank = positions.length;
    const stack = concat(
      parts.map((part) => reshape(part, [1, ...part.shape])),
      0,
    );
    const apart = reshape(stack, [...phases, batch, channels, ...positions]);
    const order = positions.flatMap((_, i) => [rank + 2 + i, i]);
    const woven = transpose(apart, [rank, rank + 1, ...order]);
    return [reshape(woven, [batch, channels, ...positions.map((d, i) => d * at(phases, i))])];
  },
  gradient: ({ inputs, attributes: { phases } }, [g], wanted) => {
    const axes = phases.map((_, i) => i + 2);
    return inputs.map((_, index) => {
      if (!wanted[index]) return undefined;
      let rest = index;
      const starts = phases.toReversed().map((n) => {
        const phase = rest % n;
        rest = (rest - phase) / n;
        return phase;
      });
      return slice(g, { axes, starts: starts.reverse(), ends: spatialOf(g), steps: phases });
    });
  },
};

/**
 * Position i of each spatial axis comes from phase i modulo the number of phases, position i /
 * phases.
 * @param parts the phases `[batch, channels, …]`, in row-major order.
 * @param phases how many there are along each spatial axis.
 * @returns `[batch, channels, positions × phases …]`
 */
export function interleave(parts: readonly Tensor[], phases: Shape): Tensor {
  const [first, ...others] = parts;
  if (first === undefined) throw shapeError("interleave", "there are no phases");
  return apply(interleaveOp, [first, ...others], { phases })[0];
}

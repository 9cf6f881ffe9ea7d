/**
 * The cost of a graph before it runs: arithmetic, memory traffic and peak memory, from its shapes.
 */

import { at } from "../lookup.ts";
import { lower } from "./lowering/lower.ts";
import { type Call, sizeOf, type Target, type Tensor } from "./tensor.ts";
import { topological } from "./traverse.ts";

/** What a graph takes to run once. */
export interface Cost {
  /** What the graph computes; none where the work is no graph. */
  readonly outputs: readonly Tensor[];
  /** Floating-point operations of matrix products and convolutions; a multiply-add counts two. */
  readonly flops: number;
  /** Bytes that all calls read and write. */
  readonly traffic: number;
  /** Bytes of values alive at once, constants and inputs included. */
  readonly peak: number;
  readonly calls: number;
}

const bytesOf = (t: Tensor): number => sizeOf(t.shape) * (t.dtype === "int64" ? 8 : t.dtype === "bool" ? 1 : 4);

function flopsOf({ op, inputs, outputs, attributes }: Call): number {
  const result = sizeOf(at(outputs, 0).shape);
  switch (op.name) {
    case "conv":
      return 2 * result * sizeOf(at(inputs, 1).shape.slice(1));
    case "matMul":
      return 2 * result * at(at(inputs, 0).shape.toReversed(), 0);
    case "gemm":
      return 2 * result * at(at(inputs, 0).shape, (attributes as { transA: boolean }).transA ? 0 : 1);
    default:
      return 0;
  }
}

/** Bytes that a call reads: its inputs, but of a table only the rows it takes. */
function readBy({ op, inputs, outputs }: Call): number {
  const read = op.name === "gather" ? [at(outputs, 0), at(inputs, 1)] : inputs;
  return read.reduce((sum, t) => sum + bytesOf(t), 0);
}

/**
 * The cost of computing the outputs once.
 * @param target where; on a CPU by default.
 */
export function cost(outputs: readonly Tensor[], target: Target = "cpu"): Cost {
  const roots = lower(outputs, { target });
  const order = topological(roots);
  const lastUse = new Map<Tensor, number>();
  order.forEach(({ inputs }, i) => {
    for (const t of inputs) lastUse.set(t, i);
  });
  for (const t of roots) lastUse.set(t, order.length);
  let fixed = 0;
  for (const t of lastUse.keys()) if (t.source.kind !== "call") fixed += bytesOf(t);
  let [flops, traffic, alive, most] = [0, 0, 0, 0];
  order.forEach((call, i) => {
    flops += flopsOf(call);
    const made = call.outputs.reduce((sum, t) => sum + bytesOf(t), 0);
    traffic += made + readBy(call);
    alive += made;
    most = Math.max(most, alive);
    for (const t of new Set([...call.inputs, ...call.outputs])) {
      if (t.source.kind === "call" && (lastUse.get(t) ?? i) <= i) alive -= bytesOf(t);
    }
  });
  return { outputs, flops, traffic, peak: fixed + most, calls: order.length };
}

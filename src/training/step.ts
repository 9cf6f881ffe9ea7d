/** One training step as a graph: forward, backward, optimiser and moving average, on a few flat vectors of state. */
import {
  add,
  constant,
  gradients,
  input,
  mul,
  pack,
  reduceSum,
  reshape,
  rewrite,
  sizeOf,
  type Tensor,
  unpack,
} from "../graph/index.ts";
import { asSlices, type Buffer, countOf, type Optimiser, type Parameter, type Traced } from "../nn/index.ts";
import type { StateSlot } from "../runtime/index.ts";

export interface StepOptions {
  /** A traced network with its loss, a scalar; or one loss for each of several networks, `[networks]`. */
  readonly traced: Traced<{ loss: Tensor }>;
  readonly optimiser: Optimiser;
  /** Decay of the exponential moving average of the parameters; none is kept when absent. */
  readonly ema?: number | undefined;
  /** Values of the parameters that do not train and of the buffers that stay as they are; all others move. */
  readonly frozen?: ReadonlyMap<string, Float32Array> | undefined;
}

/** The step's graph. */
export interface Step {
  /** What trains, in the order in which the vector `theta` holds it. */
  readonly trainable: readonly Parameter[];
  /** What moves without gradients, in the order in which the vector `buffers` holds it. */
  readonly moving: readonly Buffer[];
  /** `theta`, the optimiser's slots, and `ema` and `buffers` where there are such. */
  readonly state: Readonly<Record<string, StateSlot>>;
  /** The loss before the step, shape [1], or `[networks]`. */
  readonly loss: Tensor;
}

/** Builds the step. Its inputs are those of the traced network, the state, and `scalars` (see `Optimiser`). */
export function trainingStep({ traced, optimiser, ema, frozen = new Map() }: StepOptions): Step {
  const trainable = traced.parameters.filter((p) => !frozen.has(p.name));
  const moving = traced.buffers.filter((b) => !frozen.has(b.name));
  const count = countOf(trainable);
  const theta = input("theta", [count]);
  const slots = Object.fromEntries(optimiser.slots.map((slot) => [slot, input(`slot.${slot}`, [count])]));
  const statistics = moving.length === 0 ? undefined : input("buffers", [countOf(moving)]);

  // The leaves of the traced graph become slices of the flat vectors, and frozen ones constants.
  const leaves = new Map([
    ...asSlices(trainable, theta),
    ...(statistics === undefined ? [] : asSlices(moving, statistics)),
    ...[...traced.parameters, ...traced.buffers].flatMap((d) =>
      frozen.has(d.name) ? [[d.leaf, constant(frozen.get(d.name)!, d.shape)] as const] : [],
    ),
  ]);
  const [loss, ...nextBuffers] = rewrite([traced.outputs.loss, ...moving.map((b) => b.next)], leaves);
  const parts = trainable.map((p) => leaves.get(p.leaf)!);
  const scalars = unpack(
    input("scalars", [optimiser.scalarCount]),
    Array(optimiser.scalarCount).fill([]) as number[][],
  );
  // Of several networks the sum: each has its own part of theta, so its gradient is that of its own loss.
  const total = loss!.shape.length === 0 ? loss! : reduceSum(loss!);
  const updated = optimiser.update(theta, pack(gradients(total, parts)), slots, scalars);

  const state: Record<string, StateSlot> = { theta: { input: theta, next: updated.theta } };
  for (const slot of optimiser.slots) state[slot] = { input: slots[slot]!, next: updated.slots[slot]! };
  if (statistics !== undefined) state.buffers = { input: statistics, next: pack(nextBuffers) };
  if (ema !== undefined) {
    const average = input("ema", [count]);
    state.ema = { input: average, next: add(mul(average, ema), mul(updated.theta, 1 - ema)) };
  }
  return { trainable, moving, state, loss: reshape(loss!, [sizeOf(loss!.shape)]) };
}

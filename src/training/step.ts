/**
 * One training step as a graph: forward pass, backward pass, optimiser and weight average, on a few
 * flat vectors of state.
 */

import {
  add,
  type Cost,
  constant,
  cost,
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
import { given } from "../lookup.ts";
import { asSlices, type Buffer, countOf, type Optimiser, type Parameter, type Traced } from "../nn/index.ts";
import type { StateSlot } from "../runtime/index.ts";

/** Options of `trainingStep`. */
export interface StepOptions {
  /** A traced network with its scalar loss, or several networks with losses `[networks]`. */
  readonly traced: Traced<{ loss: Tensor }>;
  readonly optimiser: Optimiser;
  /** Decay of the exponential moving average of the parameters; without it, none is kept. */
  readonly ema?: number | undefined;
  /** Values of the parameters and buffers that do not change, by name; none by default. */
  readonly frozen?: ReadonlyMap<string, Float32Array> | undefined;
}

/** The graph of a step. */
export interface Step {
  /** The parameters that train, in their order in the vector `theta`. */
  readonly trainable: readonly Parameter[];
  /** The running statistics, in their order in the vector `buffers`. */
  readonly moving: readonly Buffer[];
  /** `theta`, the optimiser's slots, and `ema` and `buffers` if the step has them. */
  readonly state: Readonly<Record<string, StateSlot>>;
  /** The loss before the step, `[1]` or `[networks]`. */
  readonly loss: Tensor;
}

/**
 * Builds the step. Its inputs are those of the traced network, the state, and `scalars` (see
 * `Optimiser`).
 */
export function trainingStep({ traced, optimiser, ema, frozen = new Map() }: StepOptions): Step {
  const trainable = traced.parameters.filter((p) => !frozen.has(p.name));
  const moving = traced.buffers.filter((b) => !frozen.has(b.name));
  const count = countOf(trainable);
  const theta = input("theta", [count]);
  const slots = Object.fromEntries(optimiser.slots.map((slot) => [slot, input(`slot.${slot}`, [count])]));
  const statistics = moving.length === 0 ? undefined : input("buffers", [countOf(moving)]);

  // Leaves of the traced graph become slices of the flat vectors; frozen ones become constants.
  const leaves = new Map([
    ...asSlices(trainable, theta),
    ...(statistics === undefined ? [] : asSlices(moving, statistics)),
    ...[...traced.parameters, ...traced.buffers].flatMap(({ name, leaf, shape }) => {
      const values = frozen.get(name);
      return values === undefined ? [] : [[leaf, constant(values, shape)] as const];
    }),
  ]);
  const [loss = traced.outputs.loss, ...nextBuffers] = rewrite(
    [traced.outputs.loss, ...moving.map((b) => b.next)],
    leaves,
  );
  const parts = trainable.map(({ leaf }) => leaves.get(leaf) ?? leaf);
  const scalars = unpack(
    input("scalars", [optimiser.scalarCount]),
    Array(optimiser.scalarCount).fill([]) as number[][],
  );
  // Each network has its own part of theta, so the gradient of the sum is that of its own loss.
  const total = loss.shape.length === 0 ? loss : reduceSum(loss);
  const updated = optimiser.update(theta, pack(gradients(total, parts)), slots, scalars);

  const state: Record<string, StateSlot> = { theta: { input: theta, next: updated.theta } };
  for (const slot of optimiser.slots) state[slot] = { input: given(slots[slot]), next: given(updated.slots[slot]) };
  if (statistics !== undefined) state.buffers = { input: statistics, next: pack(nextBuffers) };
  if (ema !== undefined) {
    const average = input("ema", [count]);
    state.ema = { input: average, next: add(mul(average, ema), mul(updated.theta, 1 - ema)) };
  }
  return { trainable, moving, state, loss: reshape(loss, [sizeOf(loss.shape)]) };
}

/** What a step costs, by the shapes of its graph. */
export function stepCost(options: StepOptions): Cost {
  const { state, loss } = trainingStep(options);
  return cost([loss, ...Object.values(state).map((slot) => slot.next)]);
}

/** The graph of up to a number of steps, as one run: the step is the body of an ONNX Loop. */
import {
  at,
  constant,
  gather,
  greater,
  input,
  leaves,
  loop,
  oneHot,
  reshape,
  rewrite,
  sizeOf,
  type Tensor,
  type Tensors,
  where,
} from "../graph/index.ts";

/** One vector of state: where the graph reads it and the tensor that is its next value. */
export interface StateSlot {
  readonly input: Tensor;
  readonly next: Tensor;
}

/** What a step computes. */
export interface StepGraphOptions {
  /** float32 vectors by name. */
  readonly state: Readonly<Record<string, StateSlot>>;
  /** Other float32 outputs of a step, by names that differ from those of the state. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Inputs that are the same in every step, by name; they are not copied. */
  readonly fixed?: Readonly<Record<string, Float32Array | Int32Array>> | undefined;
}

/** The input that says how many steps a run does, where it may do several. */
export const TRIPS = "trips";

/** The name of an input. */
export function nameOf({ source }: Tensor): string {
  if (source.kind !== "input") throw new Error("state is fed through inputs");
  return source.name;
}

const inputsOf = (made: Tensors) => leaves(made).filter((t) => t.source.kind === "input");

/** The inputs that every step is fed: all but the state and the fixed ones. */
export function stepInputs({ state, outputs, fixed = {} }: StepGraphOptions): Tensors {
  const slots = Object.values(state);
  const kept = new Set([...slots.map((slot) => nameOf(slot.input)), ...Object.keys(fixed)]);
  const computed = [...slots.map(({ next }) => next), ...Object.values(outputs)];
  return inputsOf(computed).filter((t) => !kept.has(nameOf(t)));
}

/** The graph of a run. */
export interface StepGraph {
  /** The state after the run, in the order of the slots. */
  readonly nexts: Tensors;
  /** The outputs of all steps, `[maxSteps, …]`; of a single step, as they are. */
  readonly outputs: Tensors;
  /** The inputs of all steps, likewise. */
  readonly fed: Tensors;
}

/**
 * The graph of a run of up to `maxSteps` steps.
 * @param embed makes the fixed inputs constants of the graph, which a GPU then keeps in its memory.
 */
export function stepGraph(
  options: StepGraphOptions & { readonly maxSteps: number; readonly embed: boolean },
): StepGraph {
  const { state, outputs, fixed = {}, maxSteps, embed } = options;
  const slots = Object.values(state);
  const now = slots.map((slot) => slot.input);
  const fed = stepInputs(options);
  const split = (all: Tensors) => ({ nexts: all.slice(0, slots.length), outputs: all.slice(slots.length) });
  const computed = [...slots.map(({ next }) => next), ...Object.values(outputs)];
  const constants = inputsOf(computed).flatMap((t) => {
    const data = fixed[nameOf(t)];
    return data === undefined ? [] : [[t, constant(data, t.shape)] as const];
  });
  const made = embed ? rewrite(computed, new Map(constants)) : computed;
  if (maxSteps === 1) return { ...split(made), fed };

  const lasting = constants.map(([t]) => t);
  const stacks = fed.map((t) => input(nameOf(t), [maxSteps, sizeOf(t.shape)], t.dtype));
  const rows = split(made).outputs.map(({ shape }) => zeros([maxSteps, ...shape]));
  const after = loop(
    [...now, ...rows],
    { trips: input(TRIPS, [], "int64"), captured: [...stacks, ...lasting] },
    (index, states, captured) => {
      const row = reshape(index, [1]);
      const here = new Map(now.map((t, i) => [t, at(states, i)]));
      fed.forEach((t, i) => {
        here.set(t, reshape(gather(at(captured, i), row), t.shape));
      });
      lasting.forEach((t, i) => {
        here.set(t, at(captured, stacks.length + i));
      });
      const { nexts, outputs: values } = split(rewrite(made, here));
      const isRow = greater(oneHot(row, maxSteps), 0);
      const kept = values.map((value, i) => {
        const old = at(states, slots.length + i);
        return where(reshape(isRow, [maxSteps, ...value.shape.map(() => 1)]), value, old);
      });
      return [...nexts, ...kept];
    },
  );
  return { ...split(after), fed: stacks };
}

const zeros = (shape: readonly number[]): Tensor => constant(new Float32Array(sizeOf(shape)), shape);

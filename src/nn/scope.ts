/**
 * Scopes give layers their names and parameters. A network is a function of a scope and a tensor;
 * tracing it once yields its graph and the list of everything it declared, under the names of
 * PyTorch's state dict.
 */
import { input, type LayerKind, type Shape, type StatisticKind, sizeOf, type Tensor, within } from "../graph/index.ts";
import type { Distribution } from "../random/index.ts";
import type { Initialiser } from "./initialisers.ts";

/** A declared parameter: trained, saved, generated. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly kind: LayerKind;
  /** The input of the traced graph that stands for it. */
  readonly leaf: Tensor;
  readonly initialise: Initialiser;
}

/** State that a training step changes without gradients, such as running statistics. */
export interface Buffer {
  readonly name: string;
  readonly shape: Shape;
  readonly kind: StatisticKind;
  readonly leaf: Tensor;
  readonly initial: Float32Array;
  /** Its value after the step; the leaf itself where the step leaves it alone. */
  readonly next: Tensor;
}

/** Random numbers that a training step needs, drawn for each step. */
export interface Noise {
  readonly name: string;
  readonly leaf: Tensor;
  readonly distribution: Distribution;
}

/** A place in a network. */
export interface Scope {
  /** Dotted name, empty at the top. */
  readonly path: string;
  /** Training semantics: dropout and the like. */
  readonly training: boolean;
  /**
   * What batch normalisation uses: the batch's statistics, as in training, or the running ones, as
   * in evaluation.
   */
  readonly statistics: "batch" | "running";
  /** The place `name` inside this one. */
  in(name: string | number): Scope;
  /** Declares a parameter of the layer at this place and returns its tensor. */
  parameter(name: string, shape: Shape, kind: LayerKind, initialise: Initialiser): Tensor;
  /**
   * Declares a buffer of the layer at this place: filled with `initial` in the beginning, or equal
   * to it.
   */
  buffer(name: string, shape: Shape, kind: StatisticKind, initial: number | Float32Array): Tensor;
  /** Says what a declared buffer becomes after this step. */
  update(buffer: Tensor, next: Tensor): void;
  /** Declares random numbers fed at every step. */
  noise(name: string, shape: Shape, distribution: Distribution): Tensor;
  /** Builds the layer at this place; shape errors raised inside name it. */
  layer<T>(build: () => T): T;
}

/** The outcome of tracing a network. */
export interface Traced<T> {
  readonly outputs: T;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
  readonly noise: readonly Noise[];
  /** Names of all parameters and buffers, in the order of PyTorch's state dict. */
  readonly stateNames: readonly string[];
}

export interface TraceOptions {
  readonly training: boolean;
  /**
   * The batch's statistics in training and the running ones in evaluation, where nothing else is
   * said.
   */
  readonly statistics?: Scope["statistics"];
}

/**
 * Builds a network once and records what it declared, in order of declaration.
 * @throws Error when two declarations share a name.
 */
export function trace<T>(
  build: (at: Scope) => T,
  { training, statistics = training ? "batch" : "running" }: TraceOptions,
): Traced<T> {
  const parameters: Parameter[] = [];
  const buffers: { -readonly [K in keyof Buffer]: Buffer[K] }[] = [];
  const noise: Noise[] = [];
  const stateNames: string[] = [];
  const taken = new Set<string>();
  const declare = (path: string, name: string, shape: Shape): { name: string; leaf: Tensor } => {
    const full = path === "" ? name : `${path}.${name}`;
    if (taken.has(full)) throw new Error(`${full} is declared twice`);
    taken.add(full);
    return { name: full, leaf: input(full, shape) };
  };
  const scope = (path: string): Scope => ({
    path,
    training,
    statistics,
    in: (name) => scope(path === "" ? String(name) : `${path}.${name}`),
    parameter(name, shape, kind, initialise) {
      const declared = declare(path, name, shape);
      parameters.push({ ...declared, shape, kind, initialise });
      stateNames.push(declared.name);
      return declared.leaf;
    },
    buffer(name, shape, kind, initial) {
      const declared = declare(path, name, shape);
      const values = typeof initial === "number" ? new Float32Array(sizeOf(shape)).fill(initial) : initial;
      buffers.push({ ...declared, shape, kind, initial: values, next: declared.leaf });
      stateNames.push(declared.name);
      return declared.leaf;
    },
    update(leaf, next) {
      const buffer = buffers.find((b) => b.leaf === leaf);
      if (buffer === undefined) throw new Error(`${path}: only declared buffers can be updated`);
      buffer.next = next;
    },
    noise(name, shape, distribution) {
      const declared = declare(path, name, shape);
      noise.push({ ...declared, distribution });
      return declared.leaf;
    },
    layer: (build) => within(path, build),
  });
  return { outputs: build(scope("")), parameters, buffers, noise, stateNames };
}

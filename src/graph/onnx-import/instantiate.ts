/**
 * Builds a model's graph once the shapes of its inputs are given. Nodes are taken in order, and
 * what is known is computed at once: so the shapes and indices that exporters compute between
 * layers are plain numbers when a layer needs them.
 */
import { UserError } from "../../errors.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { type Attributes, attributesOf } from "./attributes.ts";
import { type BoundNode, boundNode, isKnown, tensorOf, type Value } from "./bound-node.ts";
import { checkMade, type Known, knownOf, knownVector } from "./constants.ts";
import { folds } from "./folding/index.ts";
import type { ModelInput, OnnxModel } from "./model.ts";
import type { ModelNode } from "./model-node.ts";
import { operators } from "./operators/index.ts";
import { refuse } from "./refuse.ts";
import { sizeLimits } from "./size-limits.ts";

/** Options of `instantiate`. */
export interface InstantiateOptions {
  /** A tensor for every input of the model, by name. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /**
   * The tensor that replaces an initialiser, such as a parameter that is trained; the file's own
   * values where it returns undefined.
   */
  readonly initialiser?: (name: string) => Tensor | undefined;
}

/** The most elements of a value that is folded; larger values are left to the graph. */
const MAX_FOLDED = 2 ** 20;

/** The most operators named in an error. */
const MAX_NAMED = 5;

/** Operators that need only the shape of an input, or none: their outputs are always known. */
const sources: Readonly<Record<string, (node: BoundNode) => Known>> = {
  Constant: ({ attributes }) => constantOf(attributes),
  ConstantOfShape: ({ attributes, requiredNumbers }) => filled(requiredNumbers(0), attributes),
  Shape: ({ attributes, value }) => {
    const { shape } = value(0) ?? refuse("its input 1 is missing");
    const rank = shape.length;
    const clamp = (n: number) => Math.min(rank, Math.max(0, n < 0 ? n + rank : n));
    return knownVector(shape.slice(clamp(attributes.int("start", 0)), clamp(attributes.int("end", rank))));
  },
  Size: ({ value }) => {
    const { shape } = value(0) ?? refuse("its input 1 is missing");
    return { dtype: "int64", shape: [], data: Float64Array.of(sizeOf(shape)) };
  },
};

const isSupported = (op: string): boolean => [sources, folds, operators].some((table) => Object.hasOwn(table, op));

/** The names of all supported operators, sorted. */
export const knownOperators = (): string[] =>
  [...new Set([sources, folds, operators].flatMap((table) => Object.keys(table)))].sort();

/**
 * Builds the graph of a model.
 * @returns its outputs by name.
 * @throws UserError `E_CHECKPOINT` before anything is built, naming operators that are not
 *   supported and their nodes, and when it asks for too much memory (size-limits.ts);
 *   `E_SHAPE` where the inputs' shapes do not fit.
 */
export function instantiate(
  model: OnnxModel,
  { inputs, initialiser }: InstantiateOptions,
): ReadonlyMap<string, Tensor> {
  requireSupported(model);
  const values = new Map<string, Value>();
  for (const input of model.inputs) values.set(input.name, checkedInput(input, inputs[input.name]));
  for (const [name, { shape, data }] of model.initialisers)
    values.set(name, initialiser?.(name) ?? { dtype: "float32", shape, data });
  for (const [name, known] of model.constants) values.set(name, known);
  const charge = sizeLimits(values.values());
  for (const node of model.nodes) {
    try {
      const results = build(node, values, model.opset);
      charge(results, node.op === "Constant");
      node.outputs.forEach((name, i) => {
        if (name !== "") values.set(name, results[i] ?? refuse(`its output ${name} is not supported`));
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(error.code, `${error.message} (node ${node.name}, ${node.op})`, { cause: error });
    }
  }
  return new Map(
    model.outputs.map((name) => [name, tensorOf(values.get(name) ?? refuse(`nothing in it makes its output ${name}`))]),
  );
}

function checkedInput({ name, shape }: ModelInput, tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) return refuse(`its input ${name} is not given`);
  const fits =
    shape.length === tensor.shape.length && shape.every((d, i) => typeof d !== "number" || d === tensor.shape[i]);
  if (fits) return tensor;
  throw new UserError(
    "E_SHAPE",
    `onnx: its input ${name} takes [${shape.map((d) => d ?? "?").join(", ")}], got [${tensor.shape.join(", ")}]`,
  );
}

/** Refuses a model with operators that are not supported, naming them all at once. */
function requireSupported({ nodes, opset }: OnnxModel): void {
  const unknown = nodes.filter(({ op }) => !isSupported(op));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, MAX_NAMED).map(({ op, name }) => `${op} (node ${name})`);
  const rest = unknown.length > MAX_NAMED ? ` and ${unknown.length - MAX_NAMED} more` : "";
  throw new UserError(
    "E_CHECKPOINT",
    `operators that are not supported: ${named.join(", ")}${rest}, of version ${opset}; docs/onnx.md lists those that are`,
  );
}

/** The values of a node's outputs: known where its inputs are, else tensors of the graph. */
function build(node: ModelNode, values: ReadonlyMap<string, Value>, opset: number): readonly Value[] {
  const given = node.inputs.map((name) => (name === "" ? undefined : values.get(name)));
  const bound = boundNode(given, {
    attributes: attributesOf(node.attributes),
    opset,
    outputs: node.outputs.length,
  });
  const source = sources[node.op];
  if (source !== undefined) return [source(bound)];
  const present = given.filter((value) => value !== undefined);
  const isFoldable = present.every((value) => isKnown(value) && sizeOf(value.shape) <= MAX_FOLDED);
  const fold = folds[node.op];
  if (fold !== undefined && isFoldable && present.length > 0) return [fold(bound)];
  const operator = operators[node.op];
  if (operator === undefined) return refuse("its inputs must be known when the graph is built");
  const result = operator(bound);
  return isList(result) ? result : [result];
}

const isList = (result: Value | readonly Value[]): result is readonly Value[] => Array.isArray(result);

function constantOf(attributes: Attributes): Known {
  const tensor = attributes.tensor("value");
  if (tensor !== undefined) return knownOf(tensor);
  if (attributes.has("value_float"))
    return { dtype: "float32", shape: [], data: Float32Array.of(attributes.float("value_float", 0)) };
  if (attributes.has("value_int"))
    return { dtype: "int64", shape: [], data: Float64Array.of(attributes.int("value_int", 0)) };
  const ints = attributes.ints("value_ints");
  return ints === undefined ? refuse("it has a constant of a kind that is not supported") : knownVector(ints);
}

/** A tensor filled with one number: the attribute `value`, or 0. */
function filled(shape: Shape, attributes: Attributes): Known {
  const tensor = attributes.tensor("value");
  const value = tensor === undefined ? undefined : knownOf(tensor);
  const count = sizeOf(checkMade(shape));
  const dtype = value?.dtype ?? "float32";
  const data = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  return { dtype, shape, data: data.fill(value?.data[0] ?? 0) };
}

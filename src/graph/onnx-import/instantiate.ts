/**
 * Builds a model's graph once the shapes of its inputs are given. Nodes are taken in order; what is known is worked out at
 * once, so that the shapes and indices that exporters compute between layers are plain numbers by the time they are needed.
 */
import { UserError } from "../../errors.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { attributesOf, axisOf } from "./attributes.ts";
import { folds } from "./constant-folding.ts";
import { checkSize, dtypeOf, type Known, knownOf, knownVector } from "./constants.ts";
import type { ModelNode, OnnxModel } from "./model.ts";
import { type Building, gatherAlong, isKnown, operators, tensorOf, type Value } from "./operators.ts";
import { refuse } from "./refuse.ts";

export interface InstantiateOptions {
  /** A tensor for every input of the model, by name. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The tensor that stands for an initialiser, such as an input that is trained; the file's own numbers where undefined. */
  readonly initialiser?: (name: string) => Tensor | undefined;
}

/** Operators that the builder itself knows, as they tell of shapes or make values of nothing. */
const OWN = new Set(["Constant", "ConstantOfShape", "Shape", "Size", "Gather", "Range"]);

/** The most numbers that are worked out one by one: more are left to the graph. */
const MOST_FOLDED = 2 ** 20;

/** Operators named in an error. */
const MOST_NAMED = 5;

/** All operators that are known, in the order of their names. */
export const knownOperators = (): string[] =>
  [...new Set([...OWN, ...Object.keys(operators), ...Object.keys(folds)])].sort();

/**
 * Builds the graph of a model.
 * @returns its outputs by name.
 * @throws UserError `E_CHECKPOINT` naming operators that are not known here and their nodes, before anything is built;
 *   `E_SHAPE` where the inputs' shapes do not fit.
 */
export function instantiate(
  model: OnnxModel,
  { inputs, initialiser }: InstantiateOptions,
): ReadonlyMap<string, Tensor> {
  requireKnown(model);
  const values = new Map<string, Value>();
  for (const { name, shape } of model.inputs) {
    const tensor = inputs[name] ?? refuse(`its input ${name} is not given`);
    const fits =
      shape.length === tensor.shape.length && shape.every((d, i) => typeof d !== "number" || d === tensor.shape[i]);
    if (!fits)
      throw new UserError(
        "E_SHAPE",
        `onnx: its input ${name} takes [${shape.map((d) => d ?? "?").join(", ")}], got [${tensor.shape.join(", ")}]`,
      );
    values.set(name, tensor);
  }
  for (const [name, { shape, data }] of model.initialisers)
    values.set(name, initialiser?.(name) ?? { dtype: "float32", shape, data });
  for (const [name, known] of model.constants) values.set(name, known);
  for (const node of model.nodes) {
    try {
      const results = build(node, values, model.opset);
      node.outputs.forEach((name, i) => {
        if (name !== "") values.set(name, results[i] ?? refuse(`its output ${name} is one that is not made here`));
      });
    } catch (error) {
      // The graph's own complaints say what does not fit; which node it was, only we know.
      if (error instanceof UserError && !error.message.includes(" (node "))
        throw new UserError(error.code, `${error.message} (node ${node.name}, ${node.op})`, { cause: error });
      throw error;
    }
  }
  return new Map(
    model.outputs.map((name) => [name, tensorOf(values.get(name) ?? refuse(`nothing in it makes its output ${name}`))]),
  );
}

/** Refuses a model with operators that are not known, all at once. */
function requireKnown({ nodes, opset }: OnnxModel): void {
  const unknown = nodes.filter(({ op }) => !OWN.has(op) && !(op in operators) && !(op in folds));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, MOST_NAMED).map(({ op, name }) => `${op} (node ${name})`);
  const rest = unknown.length > MOST_NAMED ? ` and ${unknown.length - MOST_NAMED} more` : "";
  throw new UserError(
    "E_CHECKPOINT",
    `operators that are not known here: ${named.join(", ")}${rest}, of version ${opset}; docs/onnx.md lists those that are`,
  );
}

/** The values of a node's outputs. */
function build(node: ModelNode, values: ReadonlyMap<string, Value>, opset: number): readonly Value[] {
  const attributes = attributesOf(node.attributes);
  const given = node.inputs.map((name) => (name === "" ? undefined : values.get(name)!));
  const [x] = given;
  if (node.op === "Constant") return [constantOf(attributes)];
  if (node.op === "Shape") {
    const rank = x!.shape.length;
    const at = (n: number) => Math.min(rank, Math.max(0, n < 0 ? n + rank : n));
    return [knownVector(x!.shape.slice(at(attributes.int("start", 0)), at(attributes.int("end", rank))))];
  }
  if (node.op === "Size") return [{ dtype: "int64", shape: [], data: Float64Array.of(sizeOf(x!.shape)) }];
  if (node.op === "ConstantOfShape") return [filled([...knownNumbers(x)], attributes)];
  const all = given.filter((value) => value !== undefined);
  const small = all.every((value) => isKnown(value) && sizeOf(value.shape) <= MOST_FOLDED);
  if (small && all.length > 0) {
    const known = given as readonly (Known | undefined)[];
    const result = reshapedKnown(node, known, attributes) ?? folds[node.op]?.(known, attributes);
    if (result !== undefined) return result;
  }
  if (node.op === "Gather" && x !== undefined)
    return [gatherAlong(tensorOf(x), given[1]!, axisOf(attributes.int("axis", 0), x.shape.length))];
  const operator = operators[node.op];
  if (operator === undefined) return refuse("its inputs would have to be known when the graph is built");
  const building: Building = {
    ...{ attributes, opset, outputs: node.outputs.length },
    has: (i) => given[i] !== undefined,
    tensor: (i) => tensorOf(given[i] ?? refuse(`its input ${i + 1} is missing`)),
    numbers: (i) => (given[i] === undefined ? undefined : [...knownNumbers(given[i])]),
  };
  const result = operator(building);
  return Array.isArray(result) ? result : [result as Value];
}

/** The numbers of a value that must be known when the graph is built. */
function knownNumbers(value: Value | undefined): ArrayLike<number> & Iterable<number> {
  if (value === undefined) return refuse("an input of it is missing");
  return isKnown(value)
    ? value.data
    : refuse("it needs numbers that depend on the images, such as a shape or an index");
}

function constantOf(attributes: ReturnType<typeof attributesOf>): Known {
  const tensor = attributes.tensor("value");
  if (tensor !== undefined) return knownOf(tensor);
  if (attributes.has("value_float"))
    return { dtype: "float32", shape: [], data: Float32Array.of(attributes.float("value_float", 0)) };
  if (attributes.has("value_int"))
    return { dtype: "int64", shape: [], data: Float64Array.of(attributes.int("value_int", 0)) };
  const ints = attributes.ints("value_ints");
  if (attributes.has("value_ints") && ints !== undefined) return knownVector(ints);
  return refuse("it has a constant of a kind that is not known");
}

function filled(shape: Shape, attributes: ReturnType<typeof attributesOf>): Known {
  const tensor = attributes.tensor("value");
  const value = tensor === undefined ? undefined : knownOf(tensor);
  const count = sizeOf(checkSize(shape));
  const dtype = value?.dtype ?? "float32";
  const data = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  return { dtype, shape, data: data.fill(value?.data[0] ?? 0) };
}

/** Known values under another shape or of another type; undefined for other operators. */
function reshapedKnown(
  { op }: ModelNode,
  [x, second]: readonly (Known | undefined)[],
  attributes: ReturnType<typeof attributesOf>,
): Known[] | undefined {
  if (x === undefined) return undefined;
  const { shape, data, dtype } = x;
  const axes = () => (second === undefined ? attributes.ints("axes") : [...second.data]);
  switch (op) {
    case "Identity":
      return [x];
    case "Cast": {
      const to = dtypeOf(attributes.int("to", 1)) ?? refuse("it casts to a type that is not known");
      if (to === dtype) return [x];
      const whole = (v: number) => (to === "bool" ? Number(v !== 0) : Math.trunc(v));
      return [{ dtype: to, shape, data: to === "float32" ? Float32Array.from(data) : Float64Array.from(data, whole) }];
    }
    case "Unsqueeze": {
      const given = axes()!;
      const rank = shape.length + given.length;
      const added = new Set(given.map((axis) => axisOf(axis, rank)));
      const rest = [...shape];
      return [{ dtype, data, shape: Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)) }];
    }
    case "Squeeze": {
      const gone = new Set(
        axes()?.map((axis) => axisOf(axis, shape.length)) ?? shape.flatMap((d, i) => (d === 1 ? [i] : [])),
      );
      return [{ dtype, data, shape: shape.filter((_, i) => !gone.has(i)) }];
    }
    case "Reshape": {
      const wanted = second === undefined ? attributes.ints("shape")! : [...second.data];
      const target = wanted.map((d, i) => (d === 0 && attributes.int("allowzero", 0) === 0 ? (shape[i] ?? 0) : d));
      const rest = target.indexOf(-1);
      if (rest >= 0) target[rest] = data.length / target.reduce((product, d) => (d === -1 ? product : product * d), 1);
      return sizeOf(target) === data.length ? [{ dtype, data, shape: target }] : refuse("it reshapes to another size");
    }
    default:
      return undefined;
  }
}

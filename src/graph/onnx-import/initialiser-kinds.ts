/**
 * Which kind of layer each initialiser of a model belongs to, derived from the nodes that use it.
 */
import type { Shape } from "../tensor.ts";
import type { TensorKind } from "../tensor-kind.ts";
import type { ModelNode } from "./model-node.ts";

/** Inputs of operators that are settings, not parameters: bounds, exponents, fill values. */
const SETTINGS: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries({
    Clip: [1, 2],
    Pow: [1],
    Pad: [2],
    Range: [0, 1, 2],
    ScatterND: [0, 2],
    Resize: [1, 2],
  }),
);

/**
 * Initialisers that are settings of the graph and not parameters of the network: scalars, which
 * exporters make of numbers in the code, and inputs that operators take as settings.
 * @param shapes of all initialisers, by name.
 */
export function settingsAmong(nodes: readonly ModelNode[], shapes: ReadonlyMap<string, Shape>): ReadonlySet<string> {
  const settings = new Set([...shapes].flatMap(([name, shape]) => (shape.length === 0 ? [name] : [])));
  for (const { op, inputs } of nodes) for (const i of SETTINGS.get(op) ?? []) if (inputs[i]) settings.add(inputs[i]);
  return settings;
}

/** The kinds of an operator's inputs, in order. */
const USES: ReadonlyMap<string, readonly (TensorKind | undefined)[]> = new Map(
  Object.entries({
    Conv: [undefined, "conv", "conv"],
    ConvTranspose: [undefined, "conv", "conv"],
    Gemm: ["linear", "linear", "linear"],
    MatMul: ["linear", "linear"],
    BatchNormalization: [undefined, "norm", "norm", "running-mean", "running-variance"],
    LayerNormalization: [undefined, "norm", "norm"],
    GroupNormalization: [undefined, "norm", "norm"],
    InstanceNormalization: [undefined, "norm", "norm"],
    RMSNormalization: [undefined, "norm"],
    Gather: ["embedding"],
  } satisfies Record<string, readonly (TensorKind | undefined)[]>),
);

/** Operators that pass a tensor on, perhaps reordered. */
const PASSING = new Set(["Identity", "Transpose", "Reshape", "Cast", "Unsqueeze", "Squeeze", "Flatten"]);

/** Operators whose result a bias may be added to. */
const PRODUCTS = new Set(["MatMul", "Gemm", "Conv"]);

/**
 * The kinds of initialisers, by name; those that no node explains are left out.
 * @param shapes of all initialisers, by name.
 */
export function kindsOf(
  nodes: readonly ModelNode[],
  shapes: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, TensorKind> {
  const kinds = new Map<string, TensorKind>();
  /** The initialiser that a value is, perhaps reordered. */
  const origin = new Map([...shapes.keys()].map((name) => [name, name]));
  /** Results of matrix products and convolutions, to which a bias may be added. */
  const products = new Set<string>();
  /** Results of divisions: normalised values, which may be scaled and shifted. */
  const quotients = new Set<string>();
  const note = (value: string | undefined, kind: TensorKind | undefined) => {
    const name = value === undefined ? undefined : origin.get(value);
    if (name !== undefined && kind !== undefined && !kinds.has(name)) kinds.set(name, kind);
  };
  const isVector = (value: string) => (shapes.get(origin.get(value) ?? "")?.length ?? Infinity) <= 1;
  for (const { op, inputs, outputs } of nodes) {
    const [first = ""] = inputs;
    const [output = ""] = outputs;
    for (const [i, kind] of (USES.get(op) ?? []).entries()) note(inputs[i], kind);
    if (PASSING.has(op)) {
      const from = origin.get(first);
      if (from !== undefined) origin.set(output, from);
      if (products.has(first)) products.add(output);
      if (quotients.has(first)) quotients.add(output);
    }
    if (PRODUCTS.has(op)) products.add(output);
    if (op === "Div") quotients.add(output);
    if (op === "Add" || op === "Mul") {
      const parameter = inputs.find((input) => origin.has(input));
      if (parameter === undefined || !isVector(parameter)) continue;
      const other = inputs[1 - inputs.indexOf(parameter)] ?? "";
      if (op === "Add" && products.has(other)) note(parameter, "linear");
      // Older exporters write layer normalisation out: a division, then a scale and a shift.
      if (quotients.has(other)) {
        note(parameter, "norm");
        quotients.add(output);
      }
    }
  }
  return kinds;
}

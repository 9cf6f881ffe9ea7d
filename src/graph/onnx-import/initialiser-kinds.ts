/** What sort of layer each initialiser of a model belongs to, told by the nodes that use it. */
import type { Shape } from "../tensor.ts";
import type { ModelNode } from "./model.ts";

/** Inputs of operators that are settings and no parameters: bounds, exponents, what padding is filled with. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  ...{ Clip: [1, 2], Pow: [1], Pad: [2], Range: [0, 1, 2], ScatterND: [0, 2], Resize: [1, 2] },
};

/**
 * Initialisers that are settings of the graph, not the network's own numbers: single numbers, which exporters make of what
 * stands in the code, and what operators take as settings.
 */
export function settingsAmong(nodes: readonly ModelNode[], shapes: ReadonlyMap<string, Shape>): ReadonlySet<string> {
  const settings = new Set([...shapes].flatMap(([name, shape]) => (shape.length === 0 ? [name] : [])));
  for (const { op, inputs } of nodes) for (const i of SETTINGS[op] ?? []) if (inputs[i]) settings.add(inputs[i]);
  return settings;
}

/** As checkpoints tell them: running statistics are a kind of their own. */
export type InitialiserKind = "conv" | "linear" | "norm" | "embedding" | "other" | "statistic";

/** What an operator's inputs are, in order. */
const USES: Readonly<Record<string, readonly (InitialiserKind | undefined)[]>> = {
  Conv: [undefined, "conv", "conv"],
  ConvTranspose: [undefined, "conv", "conv"],
  Gemm: ["linear", "linear", "linear"],
  MatMul: ["linear", "linear"],
  BatchNormalization: [undefined, "norm", "norm", "statistic", "statistic"],
  LayerNormalization: [undefined, "norm", "norm"],
  GroupNormalization: [undefined, "norm", "norm"],
  InstanceNormalization: [undefined, "norm", "norm"],
  RMSNormalization: [undefined, "norm"],
  Gather: ["embedding"],
};

/** Operators that pass a tensor on, its elements perhaps in another order. */
const PASSING = new Set(["Identity", "Transpose", "Reshape", "Cast", "Unsqueeze", "Squeeze", "Flatten"]);

/**
 * The kinds of initialisers.
 * @param shapes of all initialisers by name.
 */
export function kindsOf(
  nodes: readonly ModelNode[],
  shapes: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, InitialiserKind> {
  const kinds = new Map<string, InitialiserKind>();
  /** Which initialiser a value is, perhaps laid out in another way. */
  const origin = new Map([...shapes.keys()].map((name) => [name, name]));
  /** Results of products, to which a bias may be added, and of scaled normalisations that are written out. */
  const products = new Set<string>();
  const quotients = new Set<string>();
  const note = (value: string | undefined, kind: InitialiserKind | undefined) => {
    const name = value === undefined ? undefined : origin.get(value);
    if (name !== undefined && kind !== undefined && !kinds.has(name)) kinds.set(name, kind);
  };
  for (const { op, inputs, outputs } of nodes) {
    const [output] = outputs;
    USES[op]?.forEach((kind, i) => {
      note(inputs[i], kind);
    });
    if (PASSING.has(op)) {
      const from = origin.get(inputs[0]!);
      if (from !== undefined) origin.set(output!, from);
      if (products.has(inputs[0]!)) products.add(output!);
      if (quotients.has(inputs[0]!)) quotients.add(output!);
    }
    if (op === "MatMul" || op === "Gemm" || op === "Conv") products.add(output!);
    if (op === "Div") quotients.add(output!);
    if (op === "Add" || op === "Mul") {
      const at = inputs.findIndex((input) => origin.has(input));
      const other = inputs[1 - at];
      const vector = at >= 0 && shapes.get(origin.get(inputs[at]!)!)!.length <= 1;
      if (at >= 0 && vector && products.has(other!) && op === "Add") note(inputs[at], "linear");
      // Layer normalisation as older exporters write it: divided by a deviation, then scaled and shifted.
      if (at >= 0 && vector && quotients.has(other!)) {
        note(inputs[at], "norm");
        quotients.add(output!);
      }
    }
  }
  return kinds;
}

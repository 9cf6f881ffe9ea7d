/**
 * Parameters that stand in a model's nodes instead of among its initialisers. An exporter that
 * merges equal tensors leaves one initialiser and an Identity node for each other name, and some
 * tools write weights as Constant nodes. Each is a tensor of its own under its own name, as in the
 * network that was exported.
 */
import { attributesOf } from "./attributes.ts";
import { type Known, knownOf } from "./constants.ts";
import type { ModelNode } from "./model-node.ts";

/** What exporters call values that have no name in the network: `/Add_output_0`, `val_7`, `12`. */
const UNNAMED = /[/:]|^\d+$|_output_\d+$|^(val|const|constant|identity|node|t|_)\w*_\d+$/i;

/** Whether a value has the name of a tensor in a network, such as `layers.0.weight`. */
export const isTensorName = (name: string): boolean => /^\w+(\.\w+)*$/.test(name) && !UNNAMED.test(name);

/**
 * Makes initialisers of Identity nodes of initialisers, and of Constant nodes of numbers, whose
 * outputs have the name of a tensor. Numbers without dimensions are settings, and stay nodes.
 */
export function liftNamed(
  stored: ReadonlyMap<string, Known>,
  nodes: readonly ModelNode[],
): { readonly known: ReadonlyMap<string, Known>; readonly nodes: readonly ModelNode[] } {
  const known = new Map(stored);
  /** Values of Identity nodes without a name, which pass on those of initialisers. */
  const passed = new Map<string, Known>();
  const left = nodes.filter((node) => {
    const [output = ""] = node.outputs;
    const [input = ""] = node.inputs;
    const value = node.op === "Identity" ? (known.get(input) ?? passed.get(input)) : constantOf(node);
    if (value === undefined || !(value.data instanceof Float32Array) || value.shape.length === 0) return true;
    if (isTensorName(output)) known.set(output, value);
    else if (node.op === "Identity") passed.set(output, value);
    return !isTensorName(output);
  });
  return { known, nodes: left };
}

function constantOf({ op, attributes }: ModelNode): Known | undefined {
  const tensor = op === "Constant" ? attributesOf(attributes).tensor("value") : undefined;
  return tensor === undefined || tensor.dims.length === 0 ? undefined : knownOf(tensor);
}

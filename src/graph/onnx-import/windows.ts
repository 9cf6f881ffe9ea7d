/** How a kernel is laid over an input, as convolutions and pools of ONNX say it. */
import type { Attributes } from "./attributes.ts";
import { refuse } from "./refuse.ts";

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: { readonly before: readonly number[]; readonly after: readonly number[] };
}

/**
 * The window of a node.
 * @param kernel the kernel's sides; those of the attribute `kernel_shape` where left out.
 * @param input the input's sides.
 */
export function windowOf(
  attributes: Attributes,
  kernel: readonly number[] | undefined,
  input: readonly number[],
): Window {
  const sides = kernel ?? attributes.ints("kernel_shape") ?? refuse("it has a pool without a kernel");
  const strides = attributes.ints("strides") ?? input.map(() => 1);
  const dilations = attributes.ints("dilations") ?? input.map(() => 1);
  if ([sides, strides, dilations].some((list) => list.length !== input.length || list.some((n) => n < 1)))
    refuse(`it lays a kernel [${sides}] over an input of ${input.length} sides`);
  const auto = attributes.text("auto_pad", "NOTSET");
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const total = input.map((d, i) => {
      const extent = (sides[i]! - 1) * dilations[i]! + 1;
      return Math.max(0, (Math.ceil(d / strides[i]!) - 1) * strides[i]! + extent - d);
    });
    const small = total.map((n) => Math.floor(n / 2));
    const large = total.map((n) => Math.ceil(n / 2));
    const pads = auto === "SAME_UPPER" ? { before: small, after: large } : { before: large, after: small };
    return { kernel: sides, strides, dilations, pads };
  }
  const given = (auto === "VALID" ? undefined : attributes.ints("pads")) ?? [...input, ...input].map(() => 0);
  const pads = { before: given.slice(0, input.length), after: given.slice(input.length) };
  return { kernel: sides, strides, dilations, pads };
}

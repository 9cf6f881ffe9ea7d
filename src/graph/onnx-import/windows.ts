/** How a kernel slides over an input, as ONNX describes it for convolutions and pools. */
import type { Attributes } from "./attributes.ts";
import { elementAt, refuse } from "./refuse.ts";

/** The window along one spatial axis. */
export interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding at the start of the axis. */
  readonly before: number;
  /** Padding at the end of the axis. */
  readonly after: number;
}

/** Whether all numbers of a list are equal; true for an empty list. */
export const allEqual = (values: readonly number[]): boolean => values.every((n) => n === values[0]);

/**
 * The window of a node along each spatial axis.
 * @param kernel the kernel's sides; the attribute `kernel_shape` when undefined.
 * @param input the input's sides.
 * @throws UserError `E_CHECKPOINT` when the attributes do not describe one window for each axis.
 */
export function windowsOf(
  attributes: Attributes,
  kernel: readonly number[] | undefined,
  input: readonly number[],
): readonly AxisWindow[] {
  const sides = kernel ?? attributes.ints("kernel_shape") ?? refuse("it has a pool without a kernel");
  const strides = attributes.ints("strides") ?? input.map(() => 1);
  const dilations = attributes.ints("dilations") ?? input.map(() => 1);
  if ([sides, strides, dilations].some((list) => list.length !== input.length || list.some((n) => n < 1)))
    refuse(`it slides a kernel [${sides}] over an input of ${input.length} sides`);
  const auto = attributes.text("auto_pad", "NOTSET");
  const pads = (auto === "VALID" ? undefined : attributes.ints("pads")) ?? [...input, ...input].map(() => 0);
  return input.map((size, i) => {
    const axis = { kernel: elementAt(sides, i), stride: elementAt(strides, i), dilation: elementAt(dilations, i) };
    if (auto !== "SAME_UPPER" && auto !== "SAME_LOWER")
      return { ...axis, before: elementAt(pads, i), after: elementAt(pads, input.length + i) };
    const extent = (axis.kernel - 1) * axis.dilation + 1;
    const total = Math.max(0, (Math.ceil(size / axis.stride) - 1) * axis.stride + extent - size);
    const [small, large] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return auto === "SAME_UPPER" ? { ...axis, before: small, after: large } : { ...axis, before: large, after: small };
  });
}

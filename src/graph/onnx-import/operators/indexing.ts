/** ONNX's operators that take elements by their indices. */

import { gather } from "../../ops/gather.ts";
import { reshape, slice, transpose } from "../../ops/shape.ts";
import { constant, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { axisOf } from "../attributes.ts";
import { type BoundNode, isKnown, type Value } from "../bound-node.ts";
import { type Known, knownVector } from "../constants.ts";
import { rowsAt, sliceRange } from "../index-arithmetic.ts";
import { elementAt, refuse } from "../refuse.ts";
import { type OperatorTable, rankOf, sizeAlong } from "./operator.ts";

/** Elements along an axis. The indices are known, or a tensor. */
function gathered(x: Tensor, indices: Value, axis: number): Tensor {
  const size = sizeAlong(x, axis);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  if (!isKnown(indices)) return takeRows(x, reshape(indices, [sizeOf(indices.shape)]), axis, shape);
  const positions = [...indices.data].map((i) => (i < 0 ? i + size : i));
  if (positions.some((i) => i < 0 || i >= size)) return refuse(`it takes element ${Math.max(...positions)} of ${size}`);
  const [first] = positions;
  // A slice of neighbours is cheaper.
  if (first !== undefined && positions.every((position, k) => position === first + k))
    return reshape(slice(x, { axes: [axis], starts: [first], ends: [first + positions.length] }), shape);
  return takeRows(x, constant(Int32Array.from(positions), [positions.length]), axis, shape);
}

/** Gathers rows of a table that has `axis` in front, and gives the result its shape. */
function takeRows(x: Tensor, indices: Tensor, axis: number, shape: Shape): Tensor {
  const order = [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)];
  const moved = transpose(x, order);
  const size = sizeAlong(x, axis);
  const rows = gather(reshape(moved, [size, sizeOf(x.shape) / size]), indices);
  const taken = reshape(rows, [sizeAlong(indices, 0), ...moved.shape.slice(1)]);
  const back = x.shape.map((_, i) => order.indexOf(i));
  return reshape(transpose(taken, back), shape);
}

/** GatherND: each row of the indices, which are known, names a position along the first axes. */
function gatheredRows({ tensor, requiredNumbers, attributes }: BoundNode): Tensor {
  if (attributes.int("batch_dims", 0) !== 0) return refuse("it has a GatherND in batches, which is not supported");
  const x = tensor(0);
  const { shape } = tensor(1);
  const indices: Known = { dtype: "int64", shape, data: Float64Array.from(requiredNumbers(1)) };
  const target = rowsAt(x.shape, indices);
  const table = reshape(x, [sizeOf(x.shape) / target.rowSize, target.rowSize]);
  return reshape(gathered(table, knownVector(target.rows), 0), target.shape);
}

/** What a slice takes along one axis. */
interface AxisSlice {
  readonly axis: number;
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

function sliced({ tensor, numbers, numbersOr, requiredNumbers }: BoundNode): Tensor {
  const x = tensor(0);
  const starts = requiredNumbers(1, "starts");
  const ends = requiredNumbers(2, "ends");
  const axes = numbersOr(3, "axes") ?? starts.map((_, i) => i);
  const steps = numbers(4) ?? axes.map(() => 1);
  const slices = axes.map((given, i): AxisSlice => {
    const axis = axisOf(given, rankOf(x));
    const step = elementAt(steps, i);
    return { axis, step, ...sliceRange(elementAt(starts, i), elementAt(ends, i), step, sizeAlong(x, axis)) };
  });
  if (slices.some(({ count }) => count === 0)) return refuse("it slices to nothing");
  let result = x;
  // The graph's slices only go forward.
  for (const { axis, start, count, step } of slices.filter((each) => each.step <= 0))
    result = gathered(result, knownVector(Array.from({ length: count }, (_, k) => start + k * step)), axis);
  const forward = slices.filter(({ step }) => step > 0);
  return slice(result, {
    axes: forward.map(({ axis }) => axis),
    starts: forward.map(({ start }) => start),
    ends: forward.map(({ start, count, step }) => start + (count - 1) * step + 1),
    steps: forward.map(({ step }) => step),
  });
}

/** The operators of this family. */
export const indexingOperators: OperatorTable = {
  Gather: ({ tensor, value, attributes }) => {
    const x = tensor(0);
    const indices = value(1) ?? refuse("its input 2 is missing");
    return gathered(x, indices, axisOf(attributes.int("axis", 0), rankOf(x)));
  },
  GatherND: gatheredRows,
  Slice: sliced,
};

/** Folds that take or make elements by their indices. */
import { sizeOf } from "../../tensor.ts";
import { axisOf } from "../attributes.ts";
import { checkMade } from "../constants.ts";
import { positionOf, rowsAt, sliceRange } from "../index-arithmetic.ts";
import { elementAt, refuse } from "../refuse.ts";
import { type Fold, type FoldTable, makeKnown, pickElements, stridesOf, visitElements } from "./fold.ts";

const gathered: Fold = ({ known, attributes }) => {
  const [x, indices] = [known(0), known(1)];
  const axis = axisOf(attributes.int("axis", 0), x.shape.length);
  const size = elementAt(x.shape, axis);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const inner = sizeOf(x.shape.slice(axis + 1));
  const count = sizeOf(indices.shape);
  return pickElements(x, shape, (visit) => {
    const total = sizeOf(checkMade(shape));
    for (let i = 0; i < total; i++) {
      const [outer, rest] = [Math.floor(i / (count * inner)), i % (count * inner)];
      const position = positionOf(elementAt(indices.data, Math.floor(rest / inner)), size);
      visit(i, (outer * size + position) * inner + (rest % inner));
    }
  });
};

const gatheredRows: Fold = ({ known }) => {
  const x = known(0);
  const { rows, rowSize, shape } = rowsAt(x.shape, known(1));
  return pickElements(x, shape, (visit) => {
    rows.forEach((row, r) => {
      for (let i = 0; i < rowSize; i++) visit(r * rowSize + i, row * rowSize + i);
    });
  });
};

const scatteredRows: Fold = ({ known, attributes }) => {
  if (attributes.text("reduction", "none") !== "none")
    refuse("it has a ScatterND with a reduction, which is not supported");
  const [x, updates] = [known(0), known(2)];
  const { rows, rowSize } = rowsAt(x.shape, known(1));
  return makeKnown(x.dtype, x.shape, (data) => {
    data.set(x.data);
    rows.forEach((row, r) => {
      data.set(updates.data.subarray(r * rowSize, (r + 1) * rowSize), row * rowSize);
    });
  });
};

const oneHot: Fold = ({ known, requiredNumbers, attributes }) => {
  const [indices, values] = [known(0), known(2)];
  const size = elementAt(requiredNumbers(1), 0);
  const axis = axisOf(attributes.int("axis", -1), indices.shape.length + 1);
  const shape = indices.shape.toSpliced(axis, 0, size);
  const inner = sizeOf(indices.shape.slice(axis));
  const [off, on] = [elementAt(values.data, 0), elementAt(values.data, 1)];
  return makeKnown(values.dtype, shape, (data) => {
    data.fill(off);
    indices.data.forEach((index, i) => {
      // ONNX leaves indices outside of the classes off.
      if (index < -size || index >= size) return;
      const position = index < 0 ? index + size : index;
      data[(Math.floor(i / inner) * size + position) * inner + (i % inner)] = on;
    });
  });
};

const range: Fold = ({ known }) => {
  const [start, limit, step] = [known(0), known(1), known(2)];
  const [from, to, by] = [elementAt(start.data, 0), elementAt(limit.data, 0), elementAt(step.data, 0)];
  const count = Math.max(0, Math.ceil((to - from) / by));
  return makeKnown(start.dtype, [count], (data) => {
    for (let i = 0; i < count; i++) data[i] = from + i * by;
  });
};

const sliced: Fold = ({ known, numbers, numbersOr, requiredNumbers }) => {
  const x = known(0);
  const starts = requiredNumbers(1, "starts");
  const ends = requiredNumbers(2, "ends");
  const axes = numbersOr(3, "axes") ?? starts.map((_, i) => i);
  const steps = numbers(4) ?? axes.map(() => 1);
  const shape = [...x.shape];
  const strides = stridesOf(x.shape);
  const moved = [...strides];
  let base = 0;
  axes.forEach((given, k) => {
    const axis = axisOf(given, x.shape.length);
    const step = elementAt(steps, k);
    const { start, count } = sliceRange(elementAt(starts, k), elementAt(ends, k), step, elementAt(x.shape, axis));
    const stride = elementAt(strides, axis);
    base += start * stride;
    moved[axis] = stride * step;
    shape[axis] = count;
  });
  return pickElements(x, shape, (visit) => visitElements(shape, moved, (i, at) => visit(i, base + at)));
};

/** The folds of this family. */
export const indexingFolds: FoldTable = {
  Gather: gathered,
  GatherND: gatheredRows,
  ScatterND: scatteredRows,
  OneHot: oneHot,
  Range: range,
  Slice: sliced,
};

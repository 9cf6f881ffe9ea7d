/** Folds that compute elementwise, or reduce along axes. */
import type { DType } from "../../tensor.ts";
import { dtypeOf, type Known } from "../constants.ts";
import { reducedAxes } from "../operators/reduction.ts";
import { elementAt, refuse } from "../refuse.ts";
import {
  broadcastKnown,
  broadcastOf,
  broadcastStrides,
  type Fold,
  type FoldTable,
  makeKnown,
  visitElements,
} from "./fold.ts";

/** Computes one element of two; `isWhole` says that they are whole numbers. */
type Compute = (x: number, y: number, isWhole: boolean) => number;

/** Two values combined element by element, broadcast; of the first one's type by default. */
function combined(a: Known, b: Known, compute: Compute, dtype: DType = a.dtype): Known {
  const shape = broadcastOf(a.shape, b.shape);
  const [left, right] = [broadcastKnown(a, shape).data, broadcastKnown(b, shape).data];
  const isWhole = a.dtype !== "float32";
  return makeKnown(dtype, shape, (data) => {
    for (let i = 0; i < data.length; i++) data[i] = compute(elementAt(left, i), elementAt(right, i), isWhole);
  });
}

/** A fold of two operands. */
const binary =
  (compute: Compute, result?: DType): Fold =>
  ({ known }) =>
    combined(known(0), known(1), compute, result);

/** A fold of any number of operands, from the first to the last. */
const variadic =
  (compute: Compute): Fold =>
  ({ known, has }) => {
    let result = known(0);
    for (let i = 1; has(i); i++) result = combined(result, known(i), compute);
    return result;
  };

const unary =
  (compute: (x: number) => number): Fold =>
  ({ known }) => {
    const x = known(0);
    return makeKnown(x.dtype, x.shape, (data) => data.set(x.data.map(compute)));
  };

const comparison = (test: (x: number, y: number) => boolean): Fold => binary((x, y) => Number(test(x, y)), "bool");

/** The remainder has the divisor's sign, as in Python; with `fmod` the dividend's, as in C. */
const modulo: Fold = (node) =>
  binary((x, y) => (node.attributes.int("fmod", 0) === 1 ? x % y : x - y * Math.floor(x / y)))(node);

const reduction =
  (start: number, combine: (sum: number, x: number) => number): Fold =>
  (node) => {
    const x = node.known(0);
    const axes = reducedAxes(node, x.shape.length);
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    const shape = node.attributes.int("keepdims", 1) === 1 ? kept : x.shape.filter((_, i) => !axes.includes(i));
    return makeKnown(x.dtype, shape, (data) => {
      data.fill(start);
      visitElements(x.shape, broadcastStrides(kept, x.shape), (i, at) => {
        data[at] = combine(elementAt(data, at), elementAt(x.data, i));
      });
    });
  };

const cast: Fold = ({ known, attributes }) => {
  const x = known(0);
  const dtype = dtypeOf(attributes.int("to", 1)) ?? refuse("it casts to a type that is not supported");
  if (dtype === x.dtype) return x;
  if (dtype === "float32") return { dtype, shape: x.shape, data: Float32Array.from(x.data) };
  const whole = dtype === "bool" ? (v: number) => Number(v !== 0) : Math.trunc;
  return { dtype, shape: x.shape, data: Float64Array.from(x.data, (v) => whole(v)) };
};

const where: Fold = ({ known }) => {
  const [condition, a, b] = [known(0), known(1), known(2)];
  const shape = broadcastOf(condition.shape, broadcastOf(a.shape, b.shape));
  const [test, yes, no] = [condition, a, b].map((x) => broadcastKnown(x, shape).data);
  if (test === undefined || yes === undefined || no === undefined) return refuse("it has a Where without operands");
  return makeKnown(a.dtype, shape, (data) => {
    for (let i = 0; i < data.length; i++) data[i] = elementAt(test[i] !== 0 ? yes : no, i);
  });
};

/** The folds of this family. */
export const arithmeticFolds: FoldTable = {
  Add: binary((x, y) => x + y),
  Sub: binary((x, y) => x - y),
  Mul: binary((x, y) => x * y),
  Div: binary((x, y, isWhole) => (isWhole ? Math.trunc(x / y) : x / y)),
  Pow: binary((x, y) => x ** y),
  Mod: modulo,
  Max: variadic((x, y) => Math.max(x, y)),
  Min: variadic((x, y) => Math.min(x, y)),
  Equal: comparison((x, y) => x === y),
  Greater: comparison((x, y) => x > y),
  GreaterOrEqual: comparison((x, y) => x >= y),
  Less: comparison((x, y) => x < y),
  LessOrEqual: comparison((x, y) => x <= y),
  And: comparison((x, y) => x !== 0 && y !== 0),
  Or: comparison((x, y) => x !== 0 || y !== 0),
  Not: unary((x) => Number(x === 0)),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Sign: unary(Math.sign),
  Reciprocal: unary((x) => 1 / x),
  ReduceProd: reduction(1, (product, x) => product * x),
  ReduceSum: reduction(0, (sum, x) => sum + x),
  ReduceMax: reduction(-Infinity, (max, x) => Math.max(max, x)),
  ReduceMin: reduction(Infinity, (min, x) => Math.min(min, x)),
  Cast: cast,
  Where: where,
};

/** ONNX's elementwise operators. */
import { MAX_FLOAT32 } from "../../float32.ts";
import {
  add,
  cast,
  clip,
  cos,
  div,
  elu,
  equal,
  erf,
  exp,
  gelu,
  greater,
  leakyRelu,
  log,
  mul,
  neg,
  reciprocal,
  relu,
  sigmoid,
  sin,
  sqrt,
  sub,
  tanh,
  where,
} from "../../ops/elementwise.ts";
import type { Tensor } from "../../tensor.ts";
import type { BoundNode } from "../bound-node.ts";
import { dtypeOf } from "../constants.ts";
import { refuse } from "../refuse.ts";
import { binary, type OperatorTable, unary, variadic } from "./operator.ts";

/** The constants of SELU (Klambauer et al., 2017). */
const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

/** Integer powers up to this one are written as products. */
const MAX_PRODUCT_POWER = 8;

const float = (x: Tensor): Tensor => cast(x, "float32");

/** Compares two operands as float32, the only type that the graph compares. */
const floats =
  (build: (a: Tensor, b: Tensor) => Tensor) =>
  (a: Tensor, b: Tensor): Tensor =>
    build(float(a), float(b));

const maximum = (a: Tensor, b: Tensor): Tensor => add(b, relu(sub(a, b)));
const minimum = (a: Tensor, b: Tensor): Tensor => sub(b, relu(sub(b, a)));
const absolute = (x: Tensor): Tensor => add(relu(x), relu(neg(x)));
const not = (condition: Tensor): Tensor => equal(float(condition), 0);

/** ln(1 + e^x), without overflow. */
const softplus = (x: Tensor): Tensor => add(relu(x), log(add(exp(neg(absolute(x))), 1)));

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
function tanhGelu(x: Tensor): Tensor {
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, add(tanh(inner), 1)), 0.5);
}

/** x to a power that is the same for all elements. */
function power({ tensor, requiredNumbers }: BoundNode): Tensor {
  const x = tensor(0);
  const exponents = requiredNumbers(1);
  const [p] = exponents;
  if (p === undefined || exponents.some((other) => other !== p))
    return refuse("it raises to powers that are not one number");
  if (p === 0) return add(mul(x, 0), 1);
  if (p === 0.5) return sqrt(x);
  if (p === -0.5) return reciprocal(sqrt(x));
  if (Number.isInteger(p) && Math.abs(p) <= MAX_PRODUCT_POWER) {
    let result = x;
    for (let i = 1; i < Math.abs(p); i++) result = mul(result, x);
    return p < 0 ? reciprocal(result) : result;
  }
  return exp(mul(log(x), p));
}

function clipped({ attributes, tensor, numbers }: BoundNode): Tensor {
  const low = numbers(1)?.[0] ?? attributes.float("min", -MAX_FLOAT32);
  const high = numbers(2)?.[0] ?? attributes.float("max", MAX_FLOAT32);
  return clip(tensor(0), low, high);
}

/** The operators of this family. */
export const elementwiseOperators: OperatorTable = {
  Abs: unary(absolute),
  Add: binary(add),
  And: binary((a, b) => equal(add(float(a), float(b)), 2)),
  Cast: ({ tensor, attributes }) =>
    cast(tensor(0), dtypeOf(attributes.int("to", 1)) ?? refuse("it casts to a type that is not supported")),
  CastLike: ({ tensor }) => cast(tensor(0), tensor(1).dtype),
  Celu: ({ tensor, attributes }) => {
    const alpha = attributes.float("alpha", 1);
    return mul(elu(mul(tensor(0), 1 / alpha)), alpha);
  },
  Clip: clipped,
  Cos: unary(cos),
  Div: binary(div),
  Dropout: unary((x) => x),
  Elu: ({ tensor, attributes }) => elu(tensor(0), attributes.float("alpha", 1)),
  Equal: binary(floats(equal)),
  Erf: unary(erf),
  Exp: unary(exp),
  Gelu: ({ tensor, attributes }) => (attributes.text("approximate", "none") === "tanh" ? tanhGelu : gelu)(tensor(0)),
  Greater: binary(floats(greater)),
  GreaterOrEqual: binary(floats((a, b) => not(greater(b, a)))),
  HardSigmoid: ({ tensor, attributes }) =>
    clip(add(mul(tensor(0), attributes.float("alpha", 0.2)), attributes.float("beta", 0.5)), 0, 1),
  HardSwish: unary((x) => mul(x, clip(add(mul(x, 1 / 6), 0.5), 0, 1))),
  Identity: unary((x) => x),
  LeakyRelu: ({ tensor, attributes }) => leakyRelu(tensor(0), attributes.float("alpha", 0.01)),
  Less: binary(floats((a, b) => greater(b, a))),
  LessOrEqual: binary(floats((a, b) => not(greater(a, b)))),
  Log: unary(log),
  Max: variadic(maximum),
  Mean: ({ tensors }) => {
    const [first = refuse("it has a Mean of nothing"), ...others] = tensors();
    return mul(
      others.reduce((sum, x) => add(sum, x), first),
      1 / (others.length + 1),
    );
  },
  Min: variadic(minimum),
  Mish: unary((x) => mul(x, tanh(softplus(x)))),
  Mul: binary(mul),
  Neg: unary(neg),
  Not: unary(not),
  Or: binary((a, b) => greater(add(float(a), float(b)), 0)),
  PRelu: binary((x, slope) => sub(relu(x), mul(slope, relu(neg(x))))),
  Pow: power,
  Reciprocal: unary(reciprocal),
  Relu: unary(relu),
  Selu: ({ tensor, attributes }) =>
    mul(elu(tensor(0), attributes.float("alpha", SELU.alpha)), attributes.float("gamma", SELU.gamma)),
  Sigmoid: unary(sigmoid),
  Sin: unary(sin),
  Softplus: unary(softplus),
  Softsign: unary((x) => div(x, add(absolute(x), 1))),
  Sqrt: unary(sqrt),
  Sub: binary(sub),
  Sum: variadic(add),
  Swish: ({ tensor, attributes }) => {
    const x = tensor(0);
    return mul(x, sigmoid(mul(x, attributes.float("alpha", 1))));
  },
  Tanh: unary(tanh),
  Where: ({ tensor }) => where(tensor(0), tensor(1), tensor(2)),
};

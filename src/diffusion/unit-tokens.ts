/**
 * Networks as tokens: one for each hidden unit, of the weights that belong to no other unit (from the inputs, to the outputs)
 * and its bias; one of the last layer's biases, which belong to no unit; and of two hidden layers each weight between them, which
 * belongs to two units, as an edge. Every parameter is in one token or edge.
 */
import type { HiddenUnits } from "../checkpoints/index.ts";
import { concat, reshape, split, type Tensor, transpose } from "../graph/index.ts";

/** Tokens of one form. */
export interface TokenGroup {
  readonly count: number;
  /** Numbers of a token. */
  readonly width: number;
}

/** What a latent consists of where it is tokens: one after another those of each group, then the edges. */
export interface TokenShape {
  /** The units of each hidden layer, and a last group of what belongs to no unit. */
  readonly groups: readonly TokenGroup[];
  /** Between each hidden layer and the next: an edge for each unit of the next and each of the first, in this order. */
  readonly edges: readonly TokenGroup[];
}

/** The tokens of a network. */
export function unitTokens(units: HiddenUnits): TokenShape {
  const last = units.at(-1)!;
  const hidden = units.slice(0, -1);
  const layers = hidden.map(({ inputs, outputs }, l) => ({
    count: outputs,
    width: (l === 0 ? inputs : 0) + 1 + (l === hidden.length - 1 ? last.outputs * last.each : 0),
  }));
  return {
    groups: [...layers, { count: 1, width: last.outputs }],
    edges: hidden.slice(1).map(({ inputs, each, outputs }) => ({ count: inputs * outputs, width: each })),
  };
}

/** Groups and edges, in the order in which a latent holds them. */
export const partsOf = ({ groups, edges }: TokenShape): TokenGroup[] => [...groups, ...edges];

/** Numbers of all tokens and edges. */
export const sizeOfTokens = (tokens: TokenShape): number =>
  partsOf(tokens).reduce((sum, { count, width }) => sum + count * width, 0);

/** A latent `[batch, size]` as one tensor for each group and each layer of edges, `[batch, count, width]`. */
export function splitTokens(flat: Tensor, tokens: TokenShape): Tensor[] {
  const parts = partsOf(tokens);
  const sizes = parts.map(({ count, width }) => count * width);
  return split(flat, sizes, 1).map((part, i) => reshape(part, [flat.shape[0]!, parts[i]!.count, parts[i]!.width]));
}

/** Undoes `splitTokens`. */
export const joinTokens = (parts: readonly Tensor[]): Tensor =>
  concat(
    parts.map((t) => reshape(t, [t.shape[0]!, t.shape[1]! * t.shape[2]!])),
    1,
  );

/** Networks `[batch, D]` as latents `[batch, D]`. */
export function toTokens(v: Tensor, units: HiddenUnits): Tensor {
  const batch = v.shape[0]!;
  const sizes = units.flatMap(({ inputs, each, outputs }) => [inputs * each * outputs, outputs]);
  const parts = split(v, sizes, 1);
  const hidden = units.slice(0, -1);
  const last = units.at(-1)!;
  const outgoing = reshape(parts.at(-2)!, [batch, last.outputs, last.inputs, last.each]);
  const tokens = hidden.map(({ outputs }, l) => {
    const bias = reshape(parts[2 * l + 1]!, [batch, outputs, 1]);
    const incoming = l === 0 ? [reshape(parts[0]!, [batch, outputs, units[0].inputs])] : [];
    const out = reshape(transpose(outgoing, [0, 2, 1, 3]), [batch, last.inputs, last.outputs * last.each]);
    return concat([...incoming, bias, ...(l === hidden.length - 1 ? [out] : [])], 2);
  });
  const edges = hidden
    .slice(1)
    .map(({ inputs, each, outputs }, l) => reshape(parts[2 * l + 2]!, [batch, inputs * outputs, each]));
  return joinTokens([...tokens, reshape(parts.at(-1)!, [batch, 1, last.outputs]), ...edges]);
}

/** Undoes `toTokens`. */
export function fromTokens(flat: Tensor, units: HiddenUnits): Tensor {
  const batch = flat.shape[0]!;
  const shape = unitTokens(units);
  const tokens = splitTokens(flat, shape);
  const hidden = units.slice(0, -1);
  const last = units.at(-1)!;
  const flattened = (x: Tensor) => reshape(x, [batch, x.shape[1]! * x.shape[2]!]);
  const layers = hidden.map(({ inputs }, l) => {
    const ends = [...(l === 0 ? [inputs] : []), 1, ...(l === hidden.length - 1 ? [last.outputs * last.each] : [])];
    const pieces = split(tokens[l]!, ends, 2);
    return {
      weight: l === 0 ? pieces[0]! : tokens[shape.groups.length + l - 1]!,
      bias: pieces[l === 0 ? 1 : 0]!,
      outgoing: pieces.at(-1)!,
    };
  });
  const outgoing = reshape(layers.at(-1)!.outgoing, [batch, last.inputs, last.outputs, last.each]);
  return concat(
    [
      ...layers.flatMap(({ weight, bias }) => [flattened(weight), flattened(bias)]),
      reshape(transpose(outgoing, [0, 2, 1, 3]), [batch, last.outputs * last.inputs * last.each]),
      flattened(tokens[hidden.length]!),
    ],
    1,
  );
}

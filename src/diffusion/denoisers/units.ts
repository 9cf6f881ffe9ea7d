/**
 * A denoiser of hidden units: a transformer (Vaswani et al., 2017) without positions, whose blocks
 * are conditioned on the time as in DiT (Peebles and Xie, 2023). Weights between two hidden layers
 * are edges of a graph: each is updated from its two units, and both units from their edges (Gilmer
 * et al., 2017). Nothing says which unit of a layer is which, so the denoiser is equivariant to
 * their order: units in another order give the same answer in that order.
 */

import { z } from "zod";
import { UserError } from "../../errors.ts";
import { add, concat, gather, gelu, mul, reduceMean, reshape, silu, split, type Tensor } from "../../graph/index.ts";
import { at } from "../../lookup.ts";
import { attend } from "../../networks/index.ts";
import { depth, layerNorm, linear, MAX_SIDE, type Scope, timeFeatures, width, zeros } from "../../nn/index.ts";
import { joinTokens, splitTokens } from "../unit-tokens.ts";
import { type Denoiser, type DenoiserPart, type DenoiserShape, TIME_FEATURES } from "./denoiser.ts";

/** Options of the denoiser of hidden units. */
export interface UnitDenoiserOptions {
  readonly type: "units";
  readonly width: number;
  readonly blocks: number;
  /** They divide the width. */
  readonly heads: number;
}

/** Features of an edge, as a share of those of a unit: there are many more of them. */
const EDGE_SHARE = 1 / 4;

/**
 * What time does to a branch: y ↦ gate · f((1 + scale) norm(x) + shift). All are 0 in the
 * beginning, so that a block is the identity.
 */
function modulations(scope: Scope, time: Tensor, width: number): [shift: Tensor, scale: Tensor, gate: Tensor] {
  const initial = { weight: zeros, bias: zeros };
  const parts = split(linear(scope, time, { out: 3 * width, initial }), [width, width, width], 1);
  return parts.map((part) => reshape(part, [at(part.shape, 0), 1, width])) as [Tensor, Tensor, Tensor];
}

/** One branch around `f`, on tokens `[batch, tokens, width]`. */
function branch(scope: Scope, x: Tensor, time: Tensor, f: (y: Tensor) => Tensor): Tensor {
  const [shift, scale, gate] = modulations(scope.in("time"), time, at(x.shape, 2));
  const normal = layerNorm(scope.in("norm"), x, { affine: false });
  return add(x, mul(gate, f(add(mul(normal, add(scale, 1)), shift))));
}

/**
 * Units of two layers, `[batch, from, width]` and `[batch, to, width]`, and the edges between them,
 * `[batch, to × from, features]`.
 */
interface Between {
  readonly from: Tensor;
  readonly to: Tensor;
  readonly edges: Tensor;
}

/** Each edge from its two units, then each unit from all its edges in the mean. */
function exchange(scope: Scope, { from, to, edges }: Between, time: Tensor): Between {
  const [batch, , width] = from.shape as [number, number, number];
  const [sources, targets] = [at(from.shape, 1), at(to.shape, 1)];
  const features = at(edges.shape, 2);
  const inner = 2 * features;
  const updated = branch(scope.in("edge"), edges, time, (y) => {
    const own = reshape(linear(scope.in("edge.own"), y, { out: inner }), [batch, targets, sources, inner]);
    const left = reshape(linear(scope.in("edge.source"), from, { out: inner, bias: false }), [
      batch,
      1,
      sources,
      inner,
    ]);
    const right = reshape(linear(scope.in("edge.target"), to, { out: inner, bias: false }), [batch, targets, 1, inner]);
    const joint = gelu(add(add(own, left), right));
    return linear(scope.in("edge.out"), reshape(joint, [batch, targets * sources, inner]), { out: features });
  });
  const message = gelu(linear(scope.in("message"), layerNorm(scope.in("norm"), updated), { out: inner }));
  const all = reshape(message, [batch, targets, sources, inner]);
  const messages = (name: string, axis: number) =>
    linear(scope.in(name), reduceMean(all, { axes: [axis] }), { out: width, initial: { weight: zeros } });
  return { from: add(from, messages("heard.source", 1)), to: add(to, messages("heard.target", 2)), edges: updated };
}

/** Each group of tokens, and each layer of edges, has linear maps of its own in and out. */
function build({ width, blocks, heads }: UnitDenoiserOptions, { steps, tokens }: DenoiserShape): Denoiser {
  if (tokens === undefined) throw new UserError("E_CONFIG", "a denoiser of units needs latents of units");
  const features = Math.max(1, Math.round(width * EDGE_SHARE));
  const counts = tokens.groups.map(({ count }) => count);
  return (scope, latent, t) => {
    const inner = silu(linear(scope.in("time.0"), gather(timeFeatures(steps, TIME_FEATURES), t), { out: width }));
    const time = silu(linear(scope.in("time.1"), inner, { out: width }));
    const parts = splitTokens(latent, tokens);
    let units: readonly Tensor[] = parts
      .slice(0, counts.length)
      .map((part, g) => linear(scope.in(`input.${g}`), part, { out: width }));
    let edges: readonly Tensor[] = parts
      .slice(counts.length)
      .map((part, l) => linear(scope.in(`edgeInput.${l}`), part, { out: features }));
    for (let i = 0; i < blocks; i++) {
      const block = scope.in(`blocks.${i}`);
      edges = edges.map((own, l) => {
        const between = { from: at(units, l), to: at(units, l + 1), edges: own };
        const { from, to, edges: next } = exchange(block.in(`between.${l}`), between, time);
        units = units.with(l, from).with(l + 1, to);
        return next;
      });
      const attention = block.in("attention");
      let x = branch(attention, concat(units, 1), time, (y) => {
        const qkv = linear(attention.in("qkv"), y, { out: 3 * width });
        return linear(attention.in("out"), attend(qkv, { heads }), { out: width });
      });
      const mlp = block.in("mlp");
      x = branch(mlp, x, time, (y) =>
        linear(mlp.in("2"), gelu(linear(mlp.in("1"), y, { out: 4 * width })), { out: width }),
      );
      units = split(x, counts, 1);
    }
    const normal = split(layerNorm(scope.in("norm"), concat(units, 1)), counts, 1);
    return joinTokens([
      ...normal.map((part, g) => linear(scope.in(`output.${g}`), part, { out: at(tokens.groups, g).width })),
      ...edges.map((own, l) =>
        linear(scope.in(`edgeOutput.${l}`), layerNorm(scope.in(`edgeNorm.${l}`), own), {
          out: at(tokens.edges, l).width,
        }),
      ),
    ]);
  };
}

/** Ours, for tokens of hidden units. */
export const unitDenoiser: DenoiserPart<UnitDenoiserOptions> = {
  type: "units",
  description: "a transformer of the tokens of hidden units, equivariant to their order",
  latents: "tokens",
  options: {
    width: width.default(128).describe("Width of a token inside the transformer."),
    blocks: depth.default(4).describe("Number of transformer blocks."),
    heads: z.int().min(1).max(MAX_SIDE).default(4).describe("Attention heads; must divide `width`."),
  },
  problem: ({ width, heads }) =>
    width % heads === 0 ? undefined : { message: "expected a width that its heads divide" },
  build,
  smaller: (options) => ({ ...options, width: Math.min(options.width, 128) }),
};

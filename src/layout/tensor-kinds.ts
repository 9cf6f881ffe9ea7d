/**
 * The kinds of tensors of a checkpoint whose network is not known, by PyTorch's conventions: names
 * of normalisation layers and of their statistics, and ranks of shapes. Selections such as
 * `last-norms:2` need them.
 */
import { statisticNamed, type TensorKind } from "../graph/index.ts";
import type { TensorSpec } from "./layout.ts";

/**
 * Names of normalisation layers: `bn1`, `norm2`, `ln_post`, `layer_norm`, `layernorm_after`, `gn`.
 */
const NORM = /^(bn|gn|ln|rms|(batch|layer|group|instance)?_?norm)(\d|_|$)|norm\d*$/i;

const splitName = (name: string): readonly [layer: string, part: string] => {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
};

/** Tensors with their kinds. A vector such as a bias is of the kind of its layer's weight. */
export function withKinds<T extends Pick<TensorSpec, "name" | "shape">>(
  tensors: readonly T[],
): (T & { readonly kind: TensorKind })[] {
  const ranks = new Map(tensors.map(({ name, shape }) => [name, shape.length]));
  const hasStatistics = new Set(
    tensors.filter(({ name }) => statisticNamed(name) !== undefined).map(({ name }) => splitName(name)[0]),
  );
  const kindOf = ({ name, shape }: T): TensorKind => {
    const statistic = statisticNamed(name);
    if (statistic !== undefined) return statistic;
    const [layer, part] = splitName(name);
    const own = layer.slice(layer.lastIndexOf(".") + 1);
    const rank = ranks.get(`${layer}.weight`) ?? shape.length;
    if (hasStatistics.has(layer)) return "norm";
    if (/emb(ed(ding)?s?)?/i.test(own) && rank === 2 && part === "weight") return "embedding";
    if (/pos_embed|position_embed|cls_token|class_token/i.test(name)) return "embedding";
    if (part !== "weight" && part !== "bias") return "other";
    if (rank === 1) return NORM.test(own) || ranks.has(`${layer}.bias`) ? "norm" : "other";
    return rank === 2 ? "linear" : rank >= 3 && rank <= 5 ? "conv" : "other";
  };
  return tensors.map((tensor) => ({ ...tensor, kind: kindOf(tensor) }));
}

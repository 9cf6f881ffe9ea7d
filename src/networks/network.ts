/** What a task network is. */
import type { Tensor } from "../graph/index.ts";
import type { Scope } from "../nn/index.ts";

/**
 * A classifier: from images `[batch, channels, height, width]` to logits `[batch, classes]`. It
 * declares its parameters in the scope `at`.
 */
export type Network = (at: Scope, images: Tensor, classes: number) => Tensor;

/**
 * The table of lowering rules by op. Of an op's rules the first that applies is used. Without the
 * table every graph is computed by the plain definitions in `ops/`: on a CPU with the same results
 * to rounding, and more slowly.
 */
import { depthwiseWeight, patchWeight, shiftedWeight } from "./conv-weight-gradient.ts";
import { interleaveRows } from "./interleave.ts";
import { cutByRows, joinByRows } from "./long-vectors.ts";
import { polyphase } from "./polyphase.ts";
import type { RuleTable } from "./rule.ts";
import { transposedConvNode } from "./transposed-conv.ts";
import { winogradConv, winogradInput, winogradWeight } from "./winograd.ts";

/** The rules that `lower` uses where no others are given. */
export const defaultRules: RuleTable = {
  conv: [winogradConv],
  inputAdjoint: [winogradInput, transposedConvNode, polyphase],
  weightAdjoint: [winogradWeight, depthwiseWeight, patchWeight, shiftedWeight],
  interleave: [interleaveRows],
  concat: [joinByRows],
  split: [cutByRows],
};

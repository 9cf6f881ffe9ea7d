/** Networks of other frameworks as graphs of ours, to be run, differentiated and cut in two like any. */

export type { InitialiserKind } from "./initialiser-kinds.ts";
export { type InstantiateOptions, instantiate, knownOperators } from "./instantiate.ts";
export { type ModelInitialiser, type OnnxModel, type ParseOptions, parseOnnx } from "./model.ts";

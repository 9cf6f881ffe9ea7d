/** What a node of a model is. */
import type { AttributeProto } from "../onnx_pb.ts";

/** A node of a model. */
export interface ModelNode {
  readonly op: string;
  /** Its own name, or that of its first output. */
  readonly name: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

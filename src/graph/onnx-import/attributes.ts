/** The attributes of a node, by name and with their defaults. */
import type { AttributeProto, TensorProto } from "../onnx_pb.ts";
import { refuse } from "./refuse.ts";

/** Typed access to the attributes of a node. */
export interface Attributes {
  /** A whole number, or `fallback` when the node has no such attribute. */
  int(name: string, fallback: number): number;
  /** A number, or `fallback` when the node has no such attribute. */
  float(name: string, fallback: number): number;
  /** A list of whole numbers; undefined when the node has no such attribute. */
  ints(name: string): number[] | undefined;
  /** A text, or `fallback` when the node has no such attribute. */
  text(name: string, fallback: string): string;
  /** A tensor; undefined when the node has no such attribute. */
  tensor(name: string): TensorProto | undefined;
  has(name: string): boolean;
}

/** Wraps the attributes of a node. */
export function attributesOf(given: ReadonlyMap<string, AttributeProto>): Attributes {
  const decoder = new TextDecoder();
  return {
    int(name, fallback) {
      const attribute = given.get(name);
      return attribute === undefined ? fallback : Number(attribute.i);
    },
    float: (name, fallback) => given.get(name)?.f ?? fallback,
    ints: (name) => given.get(name)?.ints.map(Number),
    text(name, fallback) {
      const attribute = given.get(name);
      return attribute === undefined ? fallback : decoder.decode(attribute.s);
    },
    tensor: (name) => given.get(name)?.t,
    has: (name) => given.has(name),
  };
}

/**
 * An axis counted from 0; negative axes count from the end.
 * @throws UserError `E_CHECKPOINT` when a tensor of `rank` dimensions has no such axis.
 */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return Number.isInteger(positive) && positive >= 0 && positive < Math.max(1, rank)
    ? positive
    : refuse(`it names axis ${axis} of a tensor of ${rank} dimensions`);
}

/** The attributes of a node, by name and with their defaults. */
import type { AttributeProto, TensorProto } from "../onnx_pb.ts";
import { refuse } from "./refuse.ts";

export interface Attributes {
  int(name: string, usual: number): number;
  float(name: string, usual: number): number;
  /** Undefined where the node does not say. */
  ints(name: string): number[] | undefined;
  text(name: string, usual: string): string;
  tensor(name: string): TensorProto | undefined;
  has(name: string): boolean;
}

/** The attributes of a node. */
export function attributesOf(given: ReadonlyMap<string, AttributeProto>): Attributes {
  const decoder = new TextDecoder();
  return {
    int: (name, usual) => (given.has(name) ? Number(given.get(name)!.i) : usual),
    float: (name, usual) => given.get(name)?.f ?? usual,
    ints: (name) => given.get(name)?.ints.map(Number),
    text: (name, usual) => (given.has(name) ? decoder.decode(given.get(name)!.s) : usual),
    tensor: (name) => given.get(name)?.t,
    has: (name) => given.has(name),
  };
}

/** An axis counted from 0, where negative ones count from the end. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return Number.isInteger(positive) && positive >= 0 && positive < Math.max(1, rank)
    ? positive
    : refuse(`it names axis ${axis} of a tensor of ${rank} dimensions`);
}

/** Tensors are compared bit by bit, piece by piece. */
import { describe, expect, it } from "vitest";
import { type ReadElements, sameElements } from "./same-elements.ts";

const COUNT = 600_000;
const values = Float32Array.from({ length: COUNT }, (_, i) => i);

/** Reads from memory, and notes the pieces that were asked for. */
function reader(data: Float32Array): { read: ReadElements; pieces: number[] } {
  const pieces: number[] = [];
  const read: ReadElements = async (start, into) => {
    pieces.push(into.length);
    into.set(data.subarray(start, start + into.length));
  };
  return { read, pieces };
}

const changed = (at: number): Float32Array => values.map((value, i) => (i === at ? value + 1 : value));

describe("two tensors", () => {
  it("are the same when all elements are", async () => {
    expect(await sameElements(reader(values).read, reader(values.slice()).read, COUNT)).toBe(true);
  });

  it.each([0, 255, 256, COUNT - 1])("differ when element %i does", async (at) => {
    expect(await sameElements(reader(values).read, reader(changed(at)).read, COUNT)).toBe(false);
  });

  it("are the same when they have no elements", async () => {
    expect(await sameElements(reader(values).read, reader(values).read, 0)).toBe(true);
  });

  it("are compared by bits: NaN equals NaN, and 0 is not −0", async () => {
    const nan = Float32Array.of(Number.NaN);
    expect(await sameElements(reader(nan).read, reader(nan).read, 1)).toBe(true);
    const [zero, negative] = [Float32Array.of(0), Float32Array.of(-0)];
    expect(await sameElements(reader(zero).read, reader(negative).read, 1)).toBe(false);
  });

  it("are read no further than to the first difference, and a quarter of a million at a time", async () => {
    const first = reader(values);
    await sameElements(first.read, reader(changed(3)).read, COUNT);
    expect(first.pieces).toEqual([256]);
    const whole = reader(values);
    await sameElements(whole.read, reader(values).read, COUNT);
    expect(Math.max(...whole.pieces)).toBe(2 ** 18);
  });
});

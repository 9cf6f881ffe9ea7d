import { describe, expect, it } from "vitest";

import { philox4x32 } from "./philox.ts";

/** Ten rounds for a counter of four words and a key of two, in hexadecimal. */
function philox(counter: string, key: string): string {
  const [c0, c1, c2, c3] = counter.split(" ").map((word) => Number.parseInt(word, 16)) as [
    number,
    number,
    number,
    number,
  ];
  const [k0, k1] = key.split(" ").map((word) => Number.parseInt(word, 16)) as [number, number];
  const out = new Uint32Array(6);
  philox4x32(c0, c1, c2, c3, k0, k1, out, 1);
  expect([out[0], out[5]]).toEqual([0, 0]);
  return Array.from(out.subarray(1, 5), (word) => word.toString(16).padStart(8, "0")).join(" ");
}

// The known answers of Random123's kat_vectors (philox4x32, 10 rounds).
describe("philox4x32", () => {
  it.each([
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("of counter %s and key %s is %s", (counter, key, answer) => {
    expect(philox(counter, key)).toBe(answer);
  });
});

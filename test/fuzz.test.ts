import { expect, it } from "vitest";

import { fuzz } from "./fuzz.ts";

it("a thousand damaged files are read or refused, soon and in bounded memory (npm run fuzz: a hundred thousand)", async () => {
  const { read, refused } = await fuzz(1000, 7);
  expect(read + refused).toBe(1000);
  expect(refused).toBeGreaterThan(300);
});

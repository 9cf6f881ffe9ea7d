import { describe, expect, it } from "vitest";

import { MAX_OPEN_FILES, mapFiles, openFiles } from "./open-files.ts";

/** Counts what is open. */
function counted() {
  const count = { now: 0, most: 0, opened: 0 };
  const open = async (index: number) => {
    count.opened++;
    count.most = Math.max(count.most, ++count.now);
    return {
      index,
      close: async () => {
        count.now--;
      },
    };
  };
  return { count, open };
}

const COUNT = 3 * MAX_OPEN_FILES + 1;
const numbers = Array.from({ length: COUNT }, (_, i) => i);

describe("few files are open at once", () => {
  it("when each is used once, with the results in order", async () => {
    const { count, open } = counted();
    const found = await mapFiles(numbers, async (number, i) => {
      const file = await open(number);
      await file.close();
      return file.index + i;
    });
    expect(found).toEqual(numbers.map((i) => 2 * i));
    expect(count.most).toBeLessThanOrEqual(MAX_OPEN_FILES);
  });

  it("when all are used again and again, the first of them without opening them again", async () => {
    const { count, open } = counted();
    const files = openFiles(open);
    for (let round = 0; round < 3; round++)
      for (const i of numbers) expect(await files.use(i, async ({ index }) => index)).toBe(i);
    expect(count.opened).toBe(MAX_OPEN_FILES + 3 * (COUNT - MAX_OPEN_FILES));
    expect(count.most).toBe(MAX_OPEN_FILES + 1);
    await files.close();
    expect(count.now).toBe(0);
  });

  it("and none after one could not be opened or used", async () => {
    const { count, open } = counted();
    const files = openFiles((i) => (i === 1 ? Promise.reject(new Error("no file")) : open(i)));
    await files.use(0, async () => {});
    await expect(files.use(1, async () => {})).rejects.toThrow("no file");
    await expect(files.use(COUNT, () => Promise.reject(new Error("no use")))).rejects.toThrow("no use");
    await files.close();
    expect(count.now).toBe(0);
  });
});

import { expect, it } from "vitest";

import { networkTip, tip, withInterval } from "./tip.ts";

it("a tip is a name and, on a line below, the values that are known", () => {
  expect(tip("average:4", "mean 97.31", "", "distance 0.36")).toBe("average:4\nmean 97.31, distance 0.36");
  expect(tip("samples")).toBe("samples");
  expect(networkTip("samples", 17, "97.31 %")).toBe("samples 17\n97.31 %");
});

it("a tip has no characters that XML forbids", () => {
  expect(tip("a\u0000\ud800")).toBe("a\ufffd\ufffd");
});

it("a value has no interval when its ends are the same", () => {
  expect(withInterval("1.5", "1.2", "1.8")).toBe("1.5 [1.2, 1.8]");
  expect(withInterval("1.5", "1.5", "1.5")).toBe("1.5");
});

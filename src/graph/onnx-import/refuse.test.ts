import { expect, it } from "vitest";

import { elementAt, refuse } from "./refuse.ts";

it("refuses a model with the problem and what to do", () => {
  expect(() => refuse("its node Conv_3 needs x")).toThrow(
    expect.objectContaining({
      code: "E_CHECKPOINT",
      message: "its node Conv_3 needs x; export the model again, or give another one",
    }),
  );
});

it("refuses a model whose list is too short", () => {
  expect(elementAt([5, 0], 1)).toBe(0);
  expect(() => elementAt([5, 0], 2)).toThrow("it gives 2 values where element 3 is needed");
});

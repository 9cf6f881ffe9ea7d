import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../test/support/tiny-run.ts";
import { recipeWithoutFolders, withoutFolders } from "./without-folders.ts";

describe("a text without folders", () => {
  it.each([
    ["/home/me/project/eval.py", true, "eval.py"],
    ["/home/me/my project/a b.pth", true, "a b.pth"],
    ["C:\\Users\\me\\a.pth", true, "a.pth"],
    ["ckpts/*.pth", true, "ckpts/*.pth"],
    ["python /home/me/eval.py --to='/tmp/x y' {checkpoint}", false, "python eval.py --to='x y' {checkpoint}"],
    ["a / b, and 1/2", false, "a / b, and 1/2"],
  ])("%j", (text, isPath, expected) => {
    expect(withoutFolders(text, isPath)).toBe(expected);
  });
});

it("a recipe without folders keeps all else", () => {
  const recipe = tinyRecipe();
  expect(recipeWithoutFolders(recipe)).toEqual(recipe);
  const onnx = {
    ...recipe,
    network: { ...recipe.network, name: "onnx", file: "/home/me/model.onnx" },
  } as typeof recipe;
  expect(recipeWithoutFolders(onnx)).toEqual({ ...onnx, network: { ...onnx.network, file: "model.onnx" } });
});

import { expect, it } from "vitest";

import { families } from "../records/index.ts";
import { darkTheme, pageTheme, paperTheme } from "./drawing/theme.ts";
import { style } from "./style.ts";

it("defines every colour of the figures for light and for dark", () => {
  const [light = "", dark = ""] = [...style.matchAll(/:root\{([^}]*)\}/g)].map(([, body]) => body);
  for (const name of Object.keys(pageTheme) as (keyof typeof pageTheme)[]) {
    expect(light).toContain(`--${name}:${paperTheme[name]};`);
    expect(dark).toContain(`--${name}:${darkTheme[name]};`);
  }
});

it("uses no variable that it does not define", () => {
  const used = new Set([...style.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
  for (const name of used) expect(style).toContain(`${name}:`);
});

it("marks every family of networks in its colour", () => {
  for (const family of families) expect(style).toContain(`.${family}{--mark:var(--${family})}`);
});

it("closes every brace", () => {
  expect(style.split("{").length).toBe(style.split("}").length);
});

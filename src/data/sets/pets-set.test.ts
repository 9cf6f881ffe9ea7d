import { describe, expect, it } from "vitest";

import { dataFolder, jpeg, refusal } from "./data-folder.fixture.ts";

const { load, write } = dataFolder();

describe("Pets", () => {
  it("reads classes and names from its lists, and refuses other lines", async () => {
    const images = ["Abyssinian_1", "american_bulldog_2", "Abyssinian_30"];
    for (const name of images) write(`oxford-iiit-pet/images/${name}.jpg`, await jpeg(30));
    write("oxford-iiit-pet/annotations/trainval.txt", "Abyssinian_1 1 1 1\namerican_bulldog_2 2 2 1\n");
    write("oxford-iiit-pet/annotations/test.txt", "# comment\nAbyssinian_30 1 1 1\n");
    const { classNames, test, train, selection } = await load({ name: "pets" });
    expect([classNames.slice(0, 2), [...test.labels]]).toEqual([["Abyssinian", "American Bulldog"], [0]]);
    expect([...train.labels, ...selection.labels].sort()).toEqual([0, 1]);
    write("oxford-iiit-pet/annotations/test.txt", "../../evil 1 1 1\n");
    await expect(load({ name: "pets" })).rejects.toMatchObject(refusal(/has the line "\.\.\/\.\.\/evil 1 1 1"/));
  });
});

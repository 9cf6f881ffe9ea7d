import { expect, it } from "vitest";

import { dataFolder, refusal } from "./data-folder.fixture.ts";

const { load, write } = dataFolder();

it("refuses ImageNet when train and val do not have the same thousand classes", async () => {
  write("imagenet-1k/train/n01440764/a.JPEG", "");
  write("imagenet-1k/val/ILSVRC2012_val_00000001.JPEG", "");
  await expect(load({ name: "imagenet-1k" })).rejects.toMatchObject(
    refusal(/has 1 classes in train and 0 in val.*sort the images of val/),
  );
});

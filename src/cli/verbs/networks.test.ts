import { describe, expect, it } from "vitest";

import { call, program } from "../spawn.fixture.ts";

const pdiff = (...words: string[]) => call(program, words, { cwd: import.meta.dirname });

describe("pdiff networks", () => {
  it("lists the networks with their sizes and aliases, and prints the next command", async () => {
    const { code, stdout, stderr } = await pdiff("networks");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^network +images +classes +parameters +last-norms:2 +also called$/m);
    expect(stdout).toMatch(/^resnet18 +3×224×224 +1 000 +11 689 512 +2 048$/m);
    expect(stdout).toMatch(/^vit_base_patch16_224 +3×224×224 +1 000 +86 567 656 +3 072 +vit_base, vit_b_16$/m);
    expect(stdout).toMatch(/^cnn-medium +1×32×32 +10 +10 853 +– +cnn$/m);
    expect(stderr).toMatch(/^next: \S+ networks resnet18$/m);
  });

  it("describes one network for given classes, images and selections", async () => {
    const words = [
      "resnet18",
      "stem=cifar",
      "--classes",
      "100",
      "--size",
      "32",
      "--select",
      "layer4.1.bn2.*",
      "conv1.*",
    ];
    const { code, stdout, stderr } = await pdiff("networks", ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^images +3×32×32, 100 classes$/m);
    expect(stdout).toMatch(/^parameters +11 220 132$/m);
    expect(stdout).toMatch(/^fc\.\* +51 300 +2 +fc\.weight fc\.bias$/m);
    expect(stdout).toMatch(/^layer4\.1\.bn2\.\* +1 024 +2 +layer4\.1\.bn2\.weight layer4\.1\.bn2\.bias$/m);
    expect(stdout).toMatch(/^conv1\.\* +1 728 +1 +conv1\.weight$/m);
    expect(stdout).toMatch(/^layer3\.\?\.bn\?\.\* +2 048 +8 +layer3\.0\.bn1\.weight .* … layer3\.1\.bn2\.bias$/m);
  });

  it("prints one document with --json", async () => {
    const one = await pdiff("networks", "vit_b_16", "--json");
    expect(one).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(one.stdout)).toEqual({
      name: "vit_base_patch16_224",
      aliases: ["vit_base", "vit_b_16"],
      input: { channels: 3, height: 224, width: 224 },
      classes: 1000,
      parameters: 86_567_656,
      subsets: {
        "last-norms:2": {
          tensors: ["blocks.11.norm2.weight", "blocks.11.norm2.bias", "norm.weight", "norm.bias"],
          count: 3072,
        },
        all: { tensors: expect.any(Array), count: 86_567_656 },
      },
    });
    const all = await pdiff("networks", "--classes", "10", "--json");
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(all.stdout)[0]).toMatchObject({
      name: "resnet18",
      parameters: 11_689_512 - 990 * 513,
      subsets: { "last-norms:2": { count: 2048 }, "fc.*": { tensors: ["fc.weight", "fc.bias"], count: 5130 } },
    });
  });
});

/** `pdiff export`: writes the networks and the generator of a run for use elsewhere. */
import { type Command, Option } from "commander";

import { examples, runArgument, terminalOf, wholeNumber } from "../command.ts";
import { count } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { list } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface ExportOptions {
  readonly to: string;
  readonly group: "samples" | "zoo";
  readonly count?: number;
  readonly names: "timm" | "torchvision";
  readonly like?: string;
  readonly batch?: number;
  readonly archive?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("export")
    .summary("export a run's networks and generator")
    .description(
      "Write the samples of a run as whole networks with every tensor of the state dict, the generator as one " +
        "ONNX model, and a model card.",
    )
    .addArgument(runArgument())
    .requiredOption("--to <folder>", "where the files go, one .safetensors for each network")
    .addOption(new Option("--group <group>", "which networks").choices(["samples", "zoo"]).default("samples"))
    .addOption(wholeNumber("--count <n>", "only the first n of them"))
    .addOption(
      new Option("--names <names>", "whose names the tensors get").choices(["timm", "torchvision"]).default("timm"),
    )
    .option("--like <file>", "write copies of this checkpoint, in its format, with generated tensors")
    .addOption(wholeNumber("--batch <n>", "networks that the exported generator draws at a time (default: 1)"))
    .option("--archive", "also write the run as one archive, to continue on another machine")
    .addHelpText(
      "after",
      examples(
        "export runs/glyphs-cnn --to networks",
        "export runs/vit --to networks --names torchvision --count 10",
        "export runs/head --to away --archive",
      ),
    )
    .action((run: string, options: ExportOptions, command: Command) =>
      exportNetworks(terminalOf(command), run, options),
    );
}

/** Writes networks, generator, model card and, if asked, the archive; prints how to use them. */
async function exportNetworks(terminal: Terminal, run: string, options: ExportOptions): Promise<void> {
  const { exportRun } = await import("../../stages/index.ts");
  const { networks, generator, card, archive } = await exportRun({ run, ...options });
  const pairs: [string, string][] = [
    ["networks", `${count(networks.length)}, each with every tensor of its state dict`],
    ["folder", options.to],
  ];
  if (generator !== undefined) {
    const { file, noise, parameters } = generator;
    pairs.push(["generator", `${file}: noise [${noise.join(", ")}] to parameters [${parameters.join(", ")}]`]);
  }
  if (card !== undefined) pairs.push(["model card", card]);
  if (archive !== undefined) pairs.push(["archive", archive]);
  terminal.result(
    { folder: options.to, files: networks, generator: generator ?? null, card: card ?? null, archive: archive ?? null },
    list(pairs),
  );
  const [first] = networks;
  if (first?.endsWith(".safetensors"))
    terminal.next(`model.load_state_dict(safetensors.torch.load_file("${first}"), strict=True)`, "in Python");
  else if (first?.match(/\.(pth|pt|bin|ckpt)$/))
    terminal.next(`torch.load("${first}", weights_only=True)`, "in Python");
  if (archive !== undefined) terminal.next(commandLine("import", archive, "--run", run), "next, on another machine");
}

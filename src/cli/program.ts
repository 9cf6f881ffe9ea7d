/** The commands, their arguments and their help. What they do is loaded when one is called, so that help comes at once. */
import { Command, InvalidArgumentError, Option } from "commander";

import type { StageName } from "../run/index.ts";
import { version } from "../version.ts";
import { isDone, usageError } from "./failure.ts";
import { program as name } from "./invocation.ts";
import { type GlobalOptions, terminal } from "./terminal.ts";
import type { EvaluateOptions, FitOptions, SampleOptions } from "./verbs/checkpoints.ts";
import type { DataCommandOptions } from "./verbs/data.ts";
import type { ExportOptions } from "./verbs/export.ts";
import type { InspectOptions } from "./verbs/inspect.ts";
import type { NetworksOptions } from "./verbs/networks.ts";
import type { StageOptions } from "./verbs/stage.ts";

const stages: Readonly<Record<StageName, string>> = {
  collect: "train the network and save the zoo of checkpoints",
  fit: "fit the autoencoder and the diffusion model to the zoo",
  sample: "draw new networks from noise",
  evaluate: "measure originals, reconstructions and samples",
  audit: "tell whether the samples are new networks, and what they are worth",
  report: "write the figures and report.html",
};

const ignoreGate = () => new Option("--ignore-gate", "go on although the autoencoder explains too little");

/** An option whose value is a whole number from 1. */
const wholeNumber = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
    return Number(text);
  });

const RUN = "a run folder, such as runs/glyphs-cnn";

/** Lines below a command's help. Each starts with what follows the program's name. */
const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${name} ${line}`).join("\n")}`;

/** Builds the command line. */
export function buildProgram(): Command {
  const root = new Command(name)
    .description("Learn the distribution of a network's trained parameters and draw new, working networks from noise.")
    .version(version, "-V, --version", "print the version")
    .option("--json", "print one JSON document on stdout and nothing else")
    .option("-q, --quiet", "print only results, warnings and errors")
    .option("--no-color", "print without colours, as with NO_COLOR=1")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "after",
      `${examples(
        "run recipes/glyphs-cnn.yaml            a whole experiment, no data needed; again to continue it",
        "run recipes/glyphs-cnn.yaml --dry-run  what it would do, how long, how much memory",
        "inspect model.safetensors              tensors and statistics of a checkpoint",
        "doctor                                 what this machine has and what works on it",
      )}

Exit codes: 0 done, 1 failed, 2 wrong command line or recipe, 3 wrong data, 130 interrupted (and saved).`,
    );

  root
    .command("run")
    .summary("run a recipe, or continue it where it stopped")
    .description("Run all stages of a recipe in one folder. Running it again continues where it stopped.")
    .argument("<recipe>", "a YAML file, or a name that `recipes` lists")
    .argument("[overrides...]", "key=value pairs laid over the recipe")
    .option("--run <folder>", "the run folder (default: runs/<name of the recipe>)")
    .option("--dry-run", "only tell what would be done, how long it takes and how much memory")
    .option("--quick", "the same at the size of a laptop: minutes to see the whole way, numbers that mean little")
    .option("--force", "do every stage over")
    .addOption(ignoreGate())
    .addHelpText(
      "after",
      examples(
        "run recipes/glyphs-cnn.yaml",
        "run recipes/glyphs-cnn.yaml zoo.count=50 seed=2 --run runs/short",
        "run cifar100_resnet18 --quick",
        "run recipes/glyphs-cnn.yaml --json > results.json",
      ),
    )
    .action(async (recipe: string, overrides: string[], _, command: Command) => {
      const { run } = await import("./verbs/run.ts");
      await run(terminalOf(command), recipe, overrides, command.opts());
    });

  root
    .command("recipes")
    .summary("list the recipes that come with the program")
    .description("List the recipes that come with the program: every experiment of the paper, and ours.")
    .argument("[words...]", "only those whose path, data set and network contain all of these")
    .addHelpText("after", examples("recipes", "recipes main food-101", "recipes ablation --json"))
    .action(async (words: string[], _, command: Command) => {
      const { recipes } = await import("./verbs/recipes.ts");
      await recipes(terminalOf(command), words);
    });

  const better = () =>
    new Option("--better <direction>", "whether a higher or a lower number is better").choices(["higher", "lower"]);
  root
    .command("fit")
    .summary("fit a generator to your own checkpoints, or do this stage of a run")
    .description(
      'Fit a generator to checkpoints (.safetensors, .pth, .pt, .bin, .npz, .onnx): sizes are chosen from them and told with their reasons. Of a run folder: its stage "fit".',
    )
    .argument(
      "<checkpoints...>",
      "files, folders or patterns, then key=value pairs laid over the recipe; or a run folder",
    )
    .option(
      "--select <selections...>",
      "which tensors to generate: names with * and ?, last-norms:N, last-layers:N, all",
    )
    .option("--run <folder>", "the run folder (default: runs/<name of the checkpoints' folder>)")
    .addOption(wholeNumber("--held-out <n>", "checkpoints kept for the audit (default: about one in five)"))
    .option("--like <file>", "the checkpoint that generated tensors are laid over (default: the first)")
    .option(
      "--network <file>",
      "an ONNX classifier, or a network that `networks` lists, to evaluate with; needs --data",
    )
    .option("--data <set>", "a data set that `data list` names, or a folder of images, to evaluate on")
    .option("--evaluate <command>", "a program that prints what {checkpoint} is worth: a number or a JSON object")
    .option("--metric <name>", "which number of a JSON object counts")
    .addOption(better())
    .option("--dry-run", "only tell what would be done, how long it takes and how much memory")
    .option("--force", "of a run folder: do the stage over")
    .addOption(ignoreGate())
    .addHelpText(
      "after",
      examples(
        "fit 'ckpts/*.pth' --select 'head.*' --run runs/head",
        "fit 'ckpts/*.pth' --select 'head.*' --dry-run",
        "fit ckpts --network model.onnx --data cifar-10 data.normalise=imagenet",
        "fit 'ckpts/*.pth' --evaluate 'python eval.py {checkpoint}' --better lower",
        "fit runs/glyphs-cnn --force",
      ),
    )
    .action(async (words: string[], { force, ...options }: FitOptions & StageOptions, command: Command) => {
      const { fitCheckpoints, namesCheckpoints } = await import("./verbs/checkpoints.ts");
      if (namesCheckpoints(words)) return fitCheckpoints(terminalOf(command), words, options);
      const { runStage } = await import("./verbs/stage.ts");
      const { ignoreGate } = options;
      return runStage(terminalOf(command), "fit", words[0]!, {
        ...(force && { force }),
        ...(ignoreGate && { ignoreGate }),
      });
    });

  root
    .command("sample")
    .summary(stages.sample)
    .description(`The stage "sample" of a run: ${stages.sample}. Of your own checkpoints, whole ones are written.`)
    .argument("<run>", RUN)
    .addOption(wholeNumber("-n, --count <n>", "how many (default: as the recipe says)"))
    .option("--like <file>", "write whole checkpoints too: this one, in its format, with generated tensors")
    .option("--to <folder>", "where whole checkpoints go (default: checkpoints in the run folder)")
    .option("--force", "do it over, and forget what later stages made of it")
    .addHelpText(
      "after",
      examples("sample runs/head -n 50 --like ckpts/a.pth", "sample runs/glyphs-cnn", "sample runs/glyphs-cnn --force"),
    )
    .action(async (run: string, options: SampleOptions, command: Command) => {
      const { sampleRun } = await import("./verbs/checkpoints.ts");
      await sampleRun(terminalOf(command), run, options);
    });

  root
    .command("evaluate")
    .summary(stages.evaluate)
    .description(`The stage "evaluate" of a run: ${stages.evaluate}.`)
    .argument("<run>", RUN)
    .option("--evaluate <command>", "of your own checkpoints: a program that prints what {checkpoint} is worth")
    .option("--metric <name>", "which number of a JSON object counts")
    .addOption(better())
    .addOption(wholeNumber("--timeout <seconds>", "after which one measurement is given up (default: 600)"))
    .addOption(wholeNumber("--retries <n>", "how often a failed one is tried again (default: 1)"))
    .addOption(wholeNumber("--parallel <n>", "programs at work side by side (default: 1)"))
    .option("--force", "do it over, and forget what later stages made of it")
    .addHelpText(
      "after",
      examples("evaluate runs/glyphs-cnn", "evaluate runs/head --evaluate 'python eval.py {checkpoint}' --parallel 4"),
    )
    .action(async (run: string, options: EvaluateOptions, command: Command) => {
      const { evaluateRun } = await import("./verbs/checkpoints.ts");
      await evaluateRun(terminalOf(command), run, options);
    });

  for (const [stage, summary] of Object.entries(stages) as [StageName, string][]) {
    if (["fit", "sample", "evaluate"].includes(stage)) continue;
    root
      .command(stage)
      .summary(summary)
      .description(`The stage "${stage}" of a run: ${summary}.`)
      .argument("<run>", RUN)
      .option("--force", "do it over, and forget what later stages made of it")
      .addHelpText("after", examples(`${stage} runs/glyphs-cnn`, `${stage} runs/glyphs-cnn --force`))
      .action(async (run: string, options: StageOptions, self: Command) => {
        const { runStage } = await import("./verbs/stage.ts");
        await runStage(terminalOf(self), stage, run, options);
      });
  }

  root
    .command("runs")
    .summary("list runs")
    .description("List the runs in a folder: their state, the stage they are at and the accuracy of their samples.")
    .argument("[root]", "the folder that holds the run folders", "runs")
    .addHelpText("after", examples("runs", "runs /data/runs --json"))
    .action(async (folder: string, _, command: Command) => {
      const { runs } = await import("./verbs/runs.ts");
      await runs(terminalOf(command), folder);
    });

  root
    .command("networks")
    .summary("list the task networks, or tell of one")
    .description("List the task networks: their images, parameters, and what the paper's selections choose of them.")
    .argument("[name]", "one of them, also by torchvision's name")
    .argument("[settings...]", "key=value pairs as in a recipe's network")
    .addOption(wholeNumber("--classes <n>", "number of classes (default: as published)"))
    .addOption(wholeNumber("--size <pixels>", "side of the images (default: as published)"))
    .option("--select <selections...>", "more selections to resolve")
    .addHelpText(
      "after",
      examples(
        "networks",
        "networks resnet18 --classes 100",
        "networks resnet18 stem=cifar --size 32 --select 'layer4.*'",
        "networks vit_b_16 --json",
      ),
    )
    .action(async (network: string | undefined, settings: string[], options: NetworksOptions, command: Command) => {
      const { networks } = await import("./verbs/networks.ts");
      await networks(terminalOf(command), network, settings, options);
    });

  root
    .command("export")
    .summary("take a run's networks and generator away")
    .description(
      "Write the samples of a run as whole networks, each laid over the trained network, with every tensor of its state dict; the generator itself as one ONNX model; and a model card.",
    )
    .argument("<run>", RUN)
    .requiredOption("--to <folder>", "where the files go, one .safetensors for each network")
    .addOption(new Option("--group <group>", "which networks").choices(["samples", "zoo"]).default("samples"))
    .addOption(wholeNumber("--count <n>", "only the first n of them"))
    .addOption(
      new Option("--names <names>", "whose names the tensors get").choices(["timm", "torchvision"]).default("timm"),
    )
    .option("--like <file>", "write networks like this checkpoint, in its format, with generated tensors")
    .addOption(wholeNumber("--batch <n>", "networks that the exported generator draws at a time (default: 1)"))
    .option("--archive", "also write the run as one archive that another machine continues from")
    .addHelpText(
      "after",
      examples(
        "export runs/glyphs-cnn --to networks",
        "export runs/vit --to networks --names torchvision --count 10",
        "export runs/head --to away --archive",
      ),
    )
    .action(async (run: string, options: ExportOptions, command: Command) => {
      const { exportNetworks } = await import("./verbs/export.ts");
      await exportNetworks(terminalOf(command), run, options);
    });

  root
    .command("import")
    .summary("unpack a run that was exported as an archive")
    .description("Unpack the archive of a run into a folder, to continue from there.")
    .argument("<archive>", "a run.tar that export --archive wrote")
    .requiredOption("--run <folder>", "the run folder, which is made")
    .addHelpText("after", examples("import away/run.tar --run runs/head"))
    .action(async (archive: string, { run }: { run: string }, command: Command) => {
      const { importRun } = await import("./verbs/export.ts");
      await importRun(terminalOf(command), archive, run);
    });

  const data = root
    .command("data")
    .summary("list, get and verify data sets")
    .description("Data sets: which there are, downloading them from where they are published, checking them.")
    .addHelpText("after", examples("data list", "data get cifar-10 svhn --root ~/data", "data verify cifar-10"));
  const dataRoot = () => new Option("--root <folder>", "the data folder (default: PDIFF_DATA, or data)");
  data
    .command("list")
    .description("List the data sets, and which of them are here.")
    .addOption(dataRoot())
    .action(async (options: DataCommandOptions, command: Command) => {
      const { list } = await import("./verbs/data.ts");
      await list(terminalOf(command), options);
    });
  data
    .command("get")
    .description("Download, check and unpack data sets. Called again, it continues where it stopped.")
    .argument("<names...>", "such as cifar-10; data list names them")
    .addOption(dataRoot())
    .option("--force", "get them again though they are here")
    .action(async (names: string[], options: DataCommandOptions, command: Command) => {
      const { get } = await import("./verbs/data.ts");
      await get(terminalOf(command), names, options);
    });
  data
    .command("verify")
    .description("Check whether data sets are as they were published.")
    .argument("<names...>", "such as cifar-10")
    .addOption(dataRoot())
    .action(async (names: string[], options: DataCommandOptions, command: Command) => {
      const { verify } = await import("./verbs/data.ts");
      await verify(terminalOf(command), names, options);
    });

  root
    .command("inspect")
    .summary("show a checkpoint, or what differs between several")
    .description(
      "Show the tensors of a checkpoint (.safetensors, .pth, .pt, .bin, .npz, .npy, .onnx, or a folder of shards), their statistics and its metadata; of several, what differs between them and what could be generated.",
    )
    .argument("<paths...>", "files, folders or patterns")
    .option("--select <selections...>", "compare only these tensors")
    .addHelpText(
      "after",
      examples("inspect model.safetensors --json", "inspect 'ckpts/*.pth'", "inspect ckpts --select 'head.*'"),
    )
    .action(async (paths: string[], options: InspectOptions, command: Command) => {
      const { inspect } = await import("./verbs/inspect.ts");
      await inspect(terminalOf(command), paths, options);
    });

  root
    .command("doctor")
    .summary("check this machine: versions, devices, speed, disk, data")
    .description("Check this machine: versions, devices, speed by number of threads, disk and data sets.")
    .addHelpText("after", examples("doctor", "doctor --json"))
    .action(async (_, command: Command) => {
      const { doctor } = await import("./verbs/doctor.ts");
      await doctor(terminalOf(command));
    });

  const nested = root.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [root, ...nested]) {
    const above = command.parent === null || command.parent === root ? [] : [command.parent.name()];
    const path = command === root ? name : [name, ...above, command.name()].join(" ");
    command.exitOverride((error) => {
      throw isDone(error) ? error : usageError(error, path);
    });
  }
  return root;
}

/** The terminal as the global options of a command line want it. */
const terminalOf = (command: Command) => terminal(command.optsWithGlobals<GlobalOptions>());

/** The part of docs/reference/files.md that is written by hand. */

export const FILES_INTRODUCTION = `# Files and JSON

What commands print with \`--json\`, and what a run writes. The tables of records are made from the
schemas and comments in \`src/records/\` by \`npm run docs:reference\`.

## What programs may rely on

\`results.json\` and \`audit.json\` have a \`schemaVersion\`, now VERSION.

* While it stays the same, no field is removed or renamed, and none changes its type, unit or
  meaning. Fields and verdicts may be added, so ignore those that you do not know.
* It rises when older files can no longer be read. A file of another version is refused with the
  command that makes it again from what is in the run.
* A field that a table calls *number or null* is null where it could not be computed.
* Scores of classifiers are accuracies as fractions, from 0 to 1. Scores of your own metric are in
  its unit.

The other JSON files in a run are its indexes and its journal. They are for reading, and have no
version.

## Output as JSON

With \`--json\` a command prints one JSON document on stdout and nothing else. A failed command prints
\`{"error": {"code": "E_CONFIG", "message": "…"}}\` on stderr. Codes and exit codes: \`E_USAGE\` and
\`E_CONFIG\` 2, \`E_DATA\` 3, \`E_INTERRUPTED\` 130 (all is saved), all others 1.

| command | document |
| --- | --- |
| \`run\`, \`collect\`, \`fit\`, \`evaluate\`, \`audit\`, \`report\` | \`folder\`; \`report\`, the path of the page, or null; \`results\` and \`audit\`, the records below, or null; \`warnings\` |
| \`sample\` | the same; with \`--to\` or \`--like\` \`folder\`, \`to\`, \`files\`; of a further draw \`run\`, and the draw with its \`files\` |
| \`run --dry-run\` | the plan: stages, seconds, bytes; \`redo\`, what would be done again, or null |
| \`fit --dry-run\`, \`audit --dry-run\` | \`folder\`, \`recipe\`, \`choices\` with their reasons, \`plan\`, \`redo\` |
| \`config\` | of keys, an array of \`path\`, \`meaning\`, \`variants\`, \`choices\`, \`presets\`, \`firstStage\`; of a recipe, the recipe |
| \`recipes\`, \`networks\`, \`runs\` | an array with an object for each |
| \`inspect\` | of one file, its format and tensors; of several, what differs between them |
| \`export\` | \`folder\`, \`files\`; \`generator\`, \`card\`, \`archive\`, each or null |
| \`import\` | \`folder\`; \`outside\`, what the recipe names outside of the run; \`damage\` |
| \`verify\` | \`folder\`, \`damage\`, and what has no checksum |
| \`data list\`, \`data get\`, \`data verify\` | \`root\`, with the sets, the folders, or the problems |
| \`doctor\` | what it found |

## The folder of a run

| file | format | content |
| --- | --- | --- |
| \`config.yaml\` | recipe | the resolved recipe: every value is there |
| \`env.json\` | JSON | versions and machine |
| \`status.json\` | JSON | \`state\` (\`running\`, \`interrupted\`, \`failed\`, \`done\`), \`stage\`, \`updated\`, \`seconds\` of each stage, \`tasks\` |
| \`metrics.jsonl\` | JSON lines | a measurement in each: \`stage\`, \`task\`, \`step\`, and its values |
| \`log.txt\` | text | what was reported, with times |
| \`checksums.json\` | JSON | bytes and SHA-256 of the files of each stage that ended |
| \`base/network.safetensors\` | safetensors | the base network, all tensors |
| \`base/index.json\` | JSON | its steps, parameters, accuracy, \`sha256\` |
| \`zoo/0001.safetensors\` … | safetensors | the generated tensors of a checkpoint, float32, under PyTorch's names |
| \`zoo/index.json\` | JSON | \`count\`, \`parameters\`, \`tensors\`, and \`checkpoints\`: \`file\`, \`sha256\`, step and loss of each |
| \`held-out/\`, \`unseen/\`, \`references/\` | as \`zoo/\` | networks that the generator never saw; \`held-out/index.json\` has the \`acceptanceThreshold\` |
| \`generator/\` | safetensors, JSON | \`autoencoder\`, \`denoiser\`, \`snapshots/\`, and \`index.json\` with their checksums |
| \`samples/0001.safetensors\` … | safetensors | the generated tensors of a sample |
| \`samples/index.json\` | JSON | \`checkpoints\`, as of \`zoo/\`, with seed and sampler |
| \`evaluation/results.json\`, \`audit.json\` | JSON | the records below |
| \`evaluation/accuracies.csv\` | CSV | a row for each network |
| \`figures/NAME.svg\`, \`NAME.csv\` | SVG, CSV | each figure of the report, and its numbers |
| \`report.html\` | HTML | the report, one file without requests |

Files are written under a temporary name and renamed, and an index last, so a file that is there is
whole. \`pdiff verify RUN\` compares all with their checksums.

Checkpoints of your own are read and written as safetensors, \`torch.save\` (.pth, .pt, .bin, .ckpt),
NumPy (.npz, .npy), ONNX and agents of Stable-Baselines3 (.zip); shards by their index. See
[your checkpoints](../how-to/your-checkpoints.md).

## Summaries

Fields of the records that are an *interval*, *quantiles* or a *spread* are objects of numbers:

| type | keys |
| --- | --- |
| interval | \`value\`, and \`low\` and \`high\` of its 95 % interval |
| quantiles | \`low\`, \`median\` and \`high\`: the 5th, 50th and 95th percentile |
| spread | \`mean\`, \`best\`, \`median\`, and \`sd\`, which is divided by the size of the group |
`;

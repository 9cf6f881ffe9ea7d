/** Every ONNX operator that can be built from the graph's ops; docs/onnx.md lists them. */
import { convolutionOperators } from "./convolution.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { indexingOperators } from "./indexing.ts";
import { layoutOperators } from "./layout.ts";
import { linearOperators } from "./linear.ts";
import { normalisationOperators } from "./normalisation.ts";
import type { OperatorTable } from "./operator.ts";
import { reductionOperators } from "./reduction.ts";

/** The operators by name. */
export const operators: OperatorTable = {
  ...convolutionOperators,
  ...elementwiseOperators,
  ...indexingOperators,
  ...layoutOperators,
  ...linearOperators,
  ...normalisationOperators,
  ...reductionOperators,
};

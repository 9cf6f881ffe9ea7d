import { itMatchesPyTorch } from "../../test/support/pytorch-networks.ts";
import { mlp } from "./mlp.ts";

itMatchesPyTorch({ mlp: [mlp({ hidden: [16, 12] }), [1, 7, 7]] });

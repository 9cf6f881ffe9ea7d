/** The room of a recipe's network: built in, or read from an exported model. */

export {
  type DescribeOptions,
  describeNetwork,
  describeNetworks,
  type NetworkFacts,
  type Subset,
} from "./describe-network.ts";
export { modelOf, networkOf, withOwnNetwork } from "./network-of.ts";

import { useNodeName } from '../live/use-node-name.ts'

/** A node by its name; its id is in the tooltip. */
export function NodeName({ node }: { readonly node: string }) {
  return <bdi title={node}>{useNodeName()(node)}</bdi>
}

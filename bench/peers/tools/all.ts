import { causewayTool } from './causeway.ts'
import { rsyncTool } from './rsync.ts'
import { syncthingTool } from './syncthing.ts'
import type { Tool, ToolName, ToolOptions } from './tool.ts'
import { unisonTool } from './unison.ts'

/** How each tool is made ready to be started; undefined where it is not installed. */
export const TOOLS: Readonly<Record<ToolName, (options: ToolOptions) => Promise<Tool | undefined>>> = {
  rsync: rsyncTool,
  unison: unisonTool,
  syncthing: syncthingTool,
  causeway: causewayTool,
}

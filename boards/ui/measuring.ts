/** Measuring and optimising: what may be measured, by whom, and how it is asked for. Pure. */
import type { AgentInfo } from "../../project/ui/wire";

/** One row of GET workspaces/; `measure` is what to ask of the agent. */
export interface Workspace {
  name: string;
  measure: string;
}

export const WORKFLOW = "optimise";

/** What is asked of optimise: the workspace in a line of its own, as agents read it, before what else is wished for. */
export function withWorkspace(workspace: string, wish: string): string {
  return [workspace && `Workspace: ${workspace}`, wish].filter(Boolean).join("\n\n");
}

/** The first agent that is there and measures. */
export function whoMeasures(agents: readonly AgentInfo[]): AgentInfo | undefined {
  return agents.find(({ available, workflows }) => available && workflows.includes(WORKFLOW));
}

/** Name and purpose of the workflows this page knows; others show their own name. */
const WORKFLOWS: Record<string, [name: string, purpose: string]> = {
  chat: ["Chat", "One assistant answers, with tools."],
  resolve: ["Resolve", "Agents plan, work in steps and report."],
  optimise: ["Optimise", "Agents test, measure and change a project until its budgets are met."],
};

export function workflowName(workflow: string): string {
  return WORKFLOWS[workflow]?.[0] ?? workflow;
}

export function workflowPurpose(workflow: string): string | null {
  return WORKFLOWS[workflow]?.[1] ?? null;
}

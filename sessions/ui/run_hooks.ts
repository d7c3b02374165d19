/** What a run's views read of the state, each built only when its own parts change. */
import { useDerived, useRoomState } from "./context";
import { planOf, type PlanStep, type Said, saidOf, stepsOf, type StepView, subtasksOf } from "./run_view";
import type { Run, Subtask } from "./types";

export function useRun(id: string): Run | undefined {
  return useRoomState((state) => state.runs[id]);
}

export interface Work {
  subtasks: Subtask[];
  steps: StepView[];
  plan: PlanStep[];
}

export function useWork(run: Run): Work {
  return useDerived(
    (state) => [run, state.outputs, state.calls, state.thoughts, state.notes.steps, state.notes.runs],
    (_, outputs, calls, thoughts, steps, runs) => {
      const notes = { steps, runs, calls: {}, requests: {}, signs: {} };
      const subtasks = subtasksOf(outputs, notes, run.id);
      const views = stepsOf(run, subtasks, { outputs, calls, thoughts, notes });
      return { subtasks, steps: views, plan: planOf(run, subtasks, views) };
    },
  );
}

export function useSaid(run: Run): Said[] {
  return useDerived(
    (state) => [run, state.messages, state.runs, state.outputs],
    (_, messages, runs, outputs) => saidOf(run, messages, runs, outputs),
  );
}

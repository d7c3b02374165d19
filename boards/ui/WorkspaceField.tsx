/** Which project *optimise* works on: one of the workspaces this person may use, or left open so that the room asks. */
import { useEffect, useState } from "preact/hooks";
import { listAll } from "../../project/ui/api";
import { useBoard } from "./context";
import type { Workspace } from "./measuring";

interface Props {
  chosen: string;
  onChoose(name: string): void;
}

type Found = Workspace[] | "loading" | "failed";

const WORDS = {
  loading: "Looking for workspaces…",
  failed: "The workspaces couldn't be loaded; the room will ask.",
  none: "There is no workspace you may use: whoever runs this server adds one to config.yaml.",
  some: "Agents work on a copy of it. Each patch is shown to you before it is tried, unless the workspace is a sandbox.",
};

export function WorkspaceField({ chosen, onChoose }: Props) {
  const { model } = useBoard();
  const [found, setFound] = useState<Found>("loading");
  useEffect(() => {
    listAll<Workspace>(`workspaces/?board=${model.id}`).then(setFound, () => setFound("failed"));
  }, [model.id]);
  const workspaces = Array.isArray(found) ? found : [];
  const words = typeof found === "string" ? WORDS[found] : workspaces.length === 0 ? WORDS.none : WORDS.some;
  return (
    <label class="field">
      <span class="label">Workspace</span>
      <select class="input" value={chosen} disabled={workspaces.length === 0} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">Ask in the room</option>
        {workspaces.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <span class="meta">{words}</span>
    </label>
  );
}

/** A room in which nothing was said yet: things to ask that always work. */
import { useCanTalk, useRoom, useRoomState } from "./context";

const PROMPTS = ["What is overdue?", "What has been stuck longest?", "Summarise this board"];
const TO_OPTIMISE = ["Make it meet its budgets", "Measure it as it is, rounds: 1"];

export function EmptyRoom() {
  const { model } = useRoom();
  const canTalk = useCanTalk();
  const hasBoard = useRoomState((state) => state.session.board !== null);
  const prompts = useRoomState((state) => (state.session.workflow === "optimise" ? TO_OPTIMISE : PROMPTS));
  return (
    <section class="empty-room">
      <h2>Nothing was said here yet</h2>
      {canTalk && hasBoard ? (
        <>
          <p class="muted">Ask something, for example:</p>
          <div class="row wrap">
            {prompts.map((prompt) => (
              <button key={prompt} type="button" class="button" onClick={() => void model.say(prompt, null)}>
                {prompt}
              </button>
            ))}
          </div>
        </>
      ) : (
        <p class="muted">{canTalk ? "Write the first message below." : "Messages and runs appear here."}</p>
      )}
    </section>
  );
}

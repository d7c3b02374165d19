/** A room in which nothing was said yet: three things to ask that always work. */
import { useCanTalk, useRoom, useRoomState } from "./context";

const PROMPTS = ["What is overdue?", "What has been stuck longest?", "Summarise this board"];

export function EmptyRoom() {
  const { model } = useRoom();
  const canTalk = useCanTalk();
  const hasBoard = useRoomState((state) => state.session.board !== null);
  return (
    <section class="empty-room">
      <h2>Nothing was said here yet</h2>
      {canTalk && hasBoard ? (
        <>
          <p class="muted">Ask something, for example:</p>
          <div class="row wrap">
            {PROMPTS.map((prompt) => (
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

/** Messages on their way, and those that were refused while something else stood in the box. */
import { Avatar } from "../../project/ui/avatar";
import { Icon } from "../../project/ui/icons";
import { useValue } from "../../project/ui/observable";
import { copyText } from "../../project/ui/clipboard";
import { useConnected } from "./answering";
import { useRoom } from "./context";
import { CopyButton } from "../../project/ui/CopyButton";
import type { PendingMessage } from "./pending";

export function PendingList() {
  const { model } = useRoom();
  const list = useValue(model.pending);
  return (
    <>
      {list.map((message) => (
        <Pending key={message.ref} message={message} />
      ))}
    </>
  );
}

function Pending({ message }: { message: PendingMessage }) {
  const { model } = useRoom();
  const connected = useConnected();
  return (
    <article class="message user mine pending" aria-label="Your message, not sent yet">
      <Avatar user={model.me} decorative />
      <div class="message-main">
        <header class="row message-head">
          <strong>You</strong>
          {message.refusal === null && <span class="meta">{connected ? "Sending…" : "Waiting for a connection"}</span>}
        </header>
        <div class="streaming">{message.content}</div>
        {message.refusal !== null && <Refused message={message} />}
      </div>
    </article>
  );
}

function Refused({ message }: { message: PendingMessage }) {
  const { model } = useRoom();
  return (
    <div class="stack">
      <p class="field-error" role="alert">
        <Icon name="error" /> Not sent. {message.refusal}
      </p>
      <div class="row wrap">
        <button
          type="button"
          class="button small"
          onClick={() => {
            model.dropPending(message.ref);
            void model.say(message.content, message.way);
          }}
        >
          Send again
        </button>
        <CopyButton copy={() => copyText(message.content)} />
        <button type="button" class="button small quiet" onClick={() => model.dropPending(message.ref)}>
          Discard
        </button>
      </div>
    </div>
  );
}

/** Text as it streams, plain; when it is complete, the server's HTML once. What that is shorter is kept as space at the stream's end. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Markdown } from "../../project/ui/Markdown";
import { useRoom } from "./context";
import type { Message } from "./types";

export function StreamText({ message }: { message: Pick<Message, "content" | "html" | "complete"> }) {
  const { ui } = useRoom();
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  useLayoutEffect(() => {
    if (!box.current) return;
    if (!message.complete) height.current = box.current.offsetHeight;
    else if (height.current) {
      ui.follow.keepSpace(height.current - box.current.offsetHeight);
      height.current = 0;
    }
  });
  return (
    <div ref={box} class="stream-text">
      {message.complete ? (
        <Markdown html={message.html} text={message.content} />
      ) : (
        <div class="streaming" aria-live="off">
          {message.content}
          <span class="stream-caret" aria-hidden="true" />
        </div>
      )}
    </div>
  );
}

/** One request of a run: loud while it is open, one line with everything readable once it has ended. */
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { Time, useTicks } from "../../project/ui/time";
import { ApprovalBox, RequestFacts } from "./ApprovalBox";
import { ClientToolBox } from "./ClientToolBox";
import { useCanTalk, useRoom, useRoomState } from "./context";
import { Fold } from "./Fold";
import { KeyValues } from "./KeyValues";
import { PlainText } from "./PlainText";
import { QuestionBox } from "./QuestionBox";
import { kindWords, outcomeWords, titleWords } from "./request_words";
import { parametersOf } from "./tool_words";
import type { Request } from "./types";
import { type Answering, useAnswer } from "./use_answer";

export function RequestBox({ request }: { request: Request }) {
  const answering = useAnswer(request);
  return (
    <section class={classes("request", request.status)} data-request={request.id} data-status={request.status} aria-label={kindWords(request)}>
      {request.status === "open" ? <Open key={request.hash} request={request} answering={answering} /> : <Ended request={request} withChanges={answering.withChanges} />}
      {answering.note && (
        <p class="note tone-warn" role="alert">
          <Icon name="info" /> <span>{answering.note}</span>
        </p>
      )}
    </section>
  );
}

/** Tells the bar above the composer whether this request can be seen. */
function useSight(id: string) {
  const { ui } = useRoom();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const sight = new IntersectionObserver(([entry]) => ui.see(id, entry?.isIntersecting ?? false));
    if (ref.current) sight.observe(ref.current);
    return () => {
      sight.disconnect();
      ui.see(id, false);
    };
  }, [id]);
  return ref;
}

const BODIES = { approval: ApprovalBox, plan_review: ApprovalBox, question: QuestionBox, client_tool: ClientToolBox };

function Open({ request, answering }: { request: Request; answering: Answering }) {
  const { model } = useRoom();
  useTicks(30);
  const canAnswer = useCanTalk();
  const sight = useSight(request.id);
  const Body = BODIES[request.kind];
  return (
    <div ref={sight} class="stack">
      <p class="request-title">
        <Icon name="wait" />
        <strong>
          <PlainText text={titleWords(request)} />
        </strong>
      </p>
      <RequestFacts request={request} now={model.now()} />
      {canAnswer ? (
        <Body request={request} answering={answering} />
      ) : (
        <>
          {request.parameters && <KeyValues rows={parametersOf(request.parameters)} empty="No arguments" />}
          <p class="meta">An editor can answer this.</p>
        </>
      )}
    </div>
  );
}

const ICONS: Partial<Record<Request["status"], "check" | "close" | "clock">> = { approved: "check", answered: "check", denied: "close", expired: "clock" };

function Ended({ request, withChanges }: { request: Request; withChanges: boolean }) {
  const { model } = useRoom();
  const note = useRoomState((state) => state.notes.requests[request.id]);
  const head = (
    <span class="request-line">
      <Icon name={ICONS[request.status] ?? "stop"} />
      <span class="clip">
        <PlainText text={outcomeWords(request, model.me, note, withChanges)} />
      </span>
      <span class="muted clip">
        <PlainText text={request.title} />
      </span>
    </span>
  );
  return (
    <Fold id={`request:${request.id}`} head={head}>
      {() => (
        <div class="stack request-record">
          {request.reason && (
            <p>
              <span class="muted">Why: </span>
              <PlainText text={request.reason} />
            </p>
          )}
          <KeyValues rows={parametersOf(request.parameters ?? {})} empty="No arguments" />
          {request.note && (
            <p>
              <span class="muted">Note: </span>
              <PlainText text={request.note} />
            </p>
          )}
          <p class="meta">
            Asked <Time at={request.created} />
          </p>
        </div>
      )}
    </Fold>
  );
}

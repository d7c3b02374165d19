/** One request of a run: loud while it is open, one line with everything readable once it has ended. */
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { Time, useTicks } from "../../project/ui/time";
import { forgetAnswerDrafts } from "./answer_drafts";
import { useAnswers } from "./answering";
import { ApprovalBox, RequestFacts } from "./ApprovalBox";
import { ClientToolBox } from "./ClientToolBox";
import { Fold } from "./Fold";
import { KeyValues } from "./KeyValues";
import { PlainText } from "./PlainText";
import { PlanBox } from "./PlanBox";
import { QuestionBox } from "./QuestionBox";
import { answerOf, argumentsOf } from "./request_record";
import { kindWords, outcomeWords, titleWords } from "./request_words";
import { parametersOf } from "./tool_words";
import type { Request } from "./types";
import { type Answering, useAnswer } from "./use_answer";
import "./request.css";

interface Props {
  request: Request;
  /** This user may answer. */
  canAnswer: boolean;
  /** It is known to have been approved with other arguments than were asked for. */
  withChanges: boolean;
  /** Told whether the open request can be seen. */
  onSight?: (seen: boolean) => void;
}

export function RequestBox({ request, canAnswer, withChanges, onSight }: Props) {
  const answering = useAnswer(request);
  const shown = useRef(request);
  useEffect(() => {
    if (shown.current.hash !== request.hash) forgetAnswerDrafts(shown.current);
    shown.current = request;
  }, [request.hash]);
  return (
    <section class={classes("request", request.status)} data-request={request.id} data-status={request.status} aria-label={kindWords(request)}>
      {request.status === "open" ? (
        <Open key={request.hash} request={request} answering={answering} canAnswer={canAnswer} onSight={onSight} />
      ) : (
        <Ended request={request} withChanges={withChanges || answering.withChanges} />
      )}
      {answering.note && (
        <p class="note tone-warn" role="alert">
          <Icon name="info" /> <span>{answering.note}</span>
        </p>
      )}
    </section>
  );
}

function useSight(id: string, onSight: Props["onSight"]) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!onSight) return;
    const sight = new IntersectionObserver(([entry]) => onSight(entry?.isIntersecting ?? false));
    if (ref.current) sight.observe(ref.current);
    return () => {
      sight.disconnect();
      onSight(false);
    };
  }, [id]);
  return ref;
}

const BODIES = { approval: ApprovalBox, plan_review: PlanBox, question: QuestionBox, client_tool: ClientToolBox };

interface OpenProps {
  request: Request;
  answering: Answering;
  canAnswer: boolean;
  onSight: Props["onSight"];
}

function Open({ request, answering, canAnswer, onSight }: OpenProps) {
  const answers = useAnswers();
  useTicks(30);
  const sight = useSight(request.id, onSight);
  const Body = BODIES[request.kind];
  return (
    <div ref={sight} class="stack">
      <p class="request-title">
        <Icon name="wait" />
        <strong>
          <PlainText text={titleWords(request)} />
        </strong>
      </p>
      <RequestFacts request={request} now={answers.now()} />
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

/** How it ended; a request that was withdrawn was stopped with its run. */
export function outcomeIcon(request: Request): IconName {
  return ICONS[request.status] ?? "stop";
}

function Ended({ request, withChanges }: { request: Request; withChanges: boolean }) {
  const { me } = useAnswers();
  useEffect(() => forgetAnswerDrafts(request), [request.hash]);
  const head = (
    <span class="fold-line request-line">
      <Icon name={outcomeIcon(request)} />
      <span class="clip">
        <PlainText text={outcomeWords(request, me, withChanges)} />
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
          <Record request={request} />
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

/** What was approved or answered; a question has no arguments to show. */
function Record({ request }: { request: Request }) {
  const answer = answerOf(request);
  if (request.kind !== "question") return <KeyValues rows={argumentsOf(request)} empty="No arguments" />;
  return answer === null ? null : <KeyValues rows={[{ key: "answer", value: answer }]} empty="" />;
}

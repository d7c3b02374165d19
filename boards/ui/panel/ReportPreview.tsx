/** The first three lines of a run's report, as plain text. */
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../project/ui/api";
import { plainLines } from "../../../project/ui/text";

interface Output {
  kind: string;
  content: string | null;
}

const LINES = 3;

/** The first lines that say something; headings only name what follows. */
export function firstLines(content: string, count = LINES): string[] {
  return plainLines(content.replace(/^#{1,6} .*$/gm, "")).slice(0, count);
}

export function ReportPreview({ run }: { run: string }) {
  const [lines, setLines] = useState<string[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    api.get<{ agent_outputs: Output[] }>(`runs/${run}/`, leaving.signal).then(
      ({ agent_outputs }) => {
        const report = agent_outputs.findLast((output) => output.kind === "report" || output.kind === "answer");
        setLines(firstLines(report?.content ?? ""));
      },
      () => setLines([]), // The room shows the report and any trouble with it; this is only a glance.
    );
    return () => leaving.abort();
  }, [run]);
  if (lines.length === 0) return null;
  return (
    <div class="report-preview">
      {lines.map((line, at) => (
        <p key={at} class="clip">
          {line}
        </p>
      ))}
    </div>
  );
}

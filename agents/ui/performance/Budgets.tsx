/** The budgets of a report, each with what was measured and whether that is enough. */
import { amount, measuredWords, type Verdict } from "../../../project/ui/measured";
import { PlainText } from "../../../sessions/ui/PlainText";
import { ResultChip } from "../../../project/ui/ResultChip";

export function Budgets({ verdicts }: { verdicts: Verdict[] }) {
  if (verdicts.length === 0) {
    return (
      <p class="note">
        No budget was given, so nothing passed or failed. Budgets are sentences such as “moves p95 &lt; 100 ms” in the project's <code>bench.yaml</code>.
      </p>
    );
  }
  return (
    <section class="panel-box" aria-label="Budgets">
      <h2>Budgets</h2>
      <div class="figures-scroll" role="region" aria-label="Budgets and results" tabIndex={0}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Result</th>
              <th scope="col">Budget</th>
              <th scope="col">Measured</th>
              <th scope="col">Limit</th>
            </tr>
          </thead>
          <tbody>
            {verdicts.map((verdict) => (
              <tr key={`${verdict.measurement} ${verdict.budget}`}>
                <td>
                  <ResultChip passed={verdict.passed} />
                </td>
                <td>
                  <PlainText text={verdict.budget} />
                  {!verdict.budget.includes(verdict.measurement) && (
                    <span class="muted">
                      {" "}
                      (<PlainText text={verdict.measurement} />)
                    </span>
                  )}
                </td>
                <td class="num measured">{measuredWords(verdict)}</td>
                <td class="num">{amount(verdict.limit, verdict.unit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

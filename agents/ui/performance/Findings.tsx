/** What makes it slow: each finding with its evidence, its place in the code, and what to do about it. */
import { Icon } from "../../../project/ui/icons";
import { PlainText } from "../../../sessions/ui/PlainText";
import type { Finding } from "./types";
import { findingPlace, findingTitle } from "./words";

export function Findings({ findings }: { findings: Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <section class="panel-box" aria-label="Findings">
      <h2>What makes it slow</h2>
      <ol class="plain findings">
        {findings.map((finding, at) => (
          <li key={at} class="note tone-warn">
            <Icon name="search" />
            <Details finding={finding} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Details({ finding }: { finding: Finding }) {
  const place = findingPlace(finding);
  return (
    <div class="finding">
      <h3>
        {findingTitle(finding)}
        <span class="muted">
          {" "}
          · <PlainText text={finding.measurement} />
        </span>
      </h3>
      <dl>
        <dt>Evidence</dt>
        <dd>
          <PlainText text={finding.evidence} />
        </dd>
        {place && (
          <>
            <dt>Place</dt>
            <dd class="mono">
              <PlainText text={place} />
            </dd>
          </>
        )}
        <dt>Action</dt>
        <dd>
          <PlainText text={finding.action} />
        </dd>
      </dl>
    </div>
  );
}

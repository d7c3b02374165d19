/** Performance reports as REST gives them (PROTOCOL §7), and the page data built from them. */
import type { Measuring, Verdict } from "../../../project/ui/measured";
import type { BasePageData } from "../../../project/ui/page";
import type { Page, User } from "../../../project/ui/wire";

export interface Figures {
  average_ms: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
  interval_ms: [number, number];
  throughput_per_s: number;
  count: number;
  errors: number;
  error_kinds: Record<string, number>;
  memory_growth_kb: number | null;
  /** Of broadcasts, and not in reports from before it was measured. */
  to_all?: { p50_ms: number; p95_ms: number; max_ms: number; count: number } | null;
  samples_ms: number[];
  at_s: number[];
}

export type Kind = "http" | "broadcast" | "function";

export interface Measured {
  name: string;
  kind: Kind;
  about: string;
  figures: Figures;
  ratio_to_baseline: number | null;
}

export interface Finding {
  kind: string;
  measurement: string;
  evidence: string;
  action: string;
  file: string;
  line: number | null;
  function: string;
}

export interface Report {
  target: string;
  created: string;
  machine: string;
  duration_s: number;
  measured: Measured[];
  verdicts: Verdict[];
  findings: Finding[];
  notes?: string[];
}

export interface ReportRow extends Measuring {
  id: string;
  owner: User;
  run: { id: string; number: number } | null;
  output: string | null;
  board: { id: string; name: string } | null;
  card: { id: string; number: number; title: string } | null;
  session: { id: string; title: string } | null;
  created: string;
}

export interface WholeReport extends ReportRow {
  report: Report;
}

export interface CardChoice {
  id: string;
  number: number;
  title: string;
  board: string;
}

interface Signed extends BasePageData {
  user: User;
}

export interface ListData extends Signed {
  view: "list";
  reports: Page<ReportRow>;
  targets: string[];
  cards: CardChoice[];
}

export interface ReportData extends Signed {
  view: "report";
  report: WholeReport;
  /** This report and the others of its run, by round. */
  rounds: ReportRow[];
  others: ReportRow[];
}

export interface ComparisonData extends Signed {
  view: "comparison";
  before: WholeReport;
  after: WholeReport;
}

export type PerformanceData = ListData | ReportData | ComparisonData;

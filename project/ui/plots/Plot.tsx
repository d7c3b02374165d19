/** The frame of every plot: a caption, the drawing with one sentence for who can't see it, and its figures as a table. */
import type { ComponentChildren } from "preact";
import { useWidth } from "./use_width";
import "./plots.css";

export interface Box {
  width: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  height: number;
}

export interface Table {
  head: string[];
  rows: (string | number)[][];
}

interface Props {
  title: string;
  /** What the drawing shows, in one sentence. */
  sentence: string;
  height: number;
  /** Space left of the drawing for the words of the upright axis. */
  left?: number;
  /** Space above it, for the names of lines. */
  top?: number;
  legend?: ComponentChildren;
  table: Table;
  children(box: Box): ComponentChildren;
}

const BELOW = 24;
const BESIDE = 10;

export function Plot({ title, sentence, height, left = 66, top = 22, legend, table, children }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const box: Box = { width, height, left, right: width - BESIDE, top, bottom: height - BELOW };
  return (
    <figure class="plot">
      <figcaption class="plot-title">
        <span>{title}</span>
        {legend && <span class="plot-legend">{legend}</span>}
      </figcaption>
      <div ref={ref} class="plot-box">
        {width > left + BESIDE && (
          <svg class="plot-drawing" width={width} height={height} role="img" aria-label={sentence}>
            {children(box)}
          </svg>
        )}
      </div>
      <details class="plot-table">
        <summary>As a table</summary>
        <FigureTable {...table} name={title} />
      </details>
    </figure>
  );
}

export function FigureTable({ head, rows, name }: Table & { name: string }) {
  return (
    <div class="figures-scroll" role="region" aria-label={name} tabIndex={0}>
      <table class="figures">
        <thead>
          <tr>
            {head.map((each) => (
              <th key={each} scope="col">
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column} class="num">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

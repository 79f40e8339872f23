import { assertNever } from '../../base/assert-never.js';
import type { Terminal } from '../terminal.js';
import type { Format } from './formats.js';
import { type Column, renderTable } from './table.js';

/** How records of one kind look. */
export interface RecordView<Row extends object> {
  /** What the `name` format prints: something that other commands take as reference. */
  readonly nameOf: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
}

/** Prints a list: a JSON array, one JSON object a line, a YAML list, a table, or names. */
export async function printList<Row extends object>(
  terminal: Terminal,
  rows: readonly Row[],
  options: { readonly format: Format; readonly view: RecordView<Row> },
): Promise<void> {
  terminal.out(await render(rows, { ...options, terminal, whole: rows }));
}

/** Prints a single record: as {@link printList}, but an object instead of a list. */
export async function printRecord<Row extends object>(
  terminal: Terminal,
  row: Row,
  options: { readonly format: Format; readonly view: RecordView<Row> },
): Promise<void> {
  terminal.out(await render([row], { ...options, terminal, whole: row }));
}

interface Rendering<Row extends object> {
  readonly format: Format;
  readonly view: RecordView<Row>;
  readonly terminal: Terminal;
  /** What the formats for programs print: the list, or the only record. */
  readonly whole: unknown;
}

async function render<Row extends object>(rows: readonly Row[], rendering: Rendering<Row>): Promise<string> {
  const { format, view, terminal, whole } = rendering;
  switch (format) {
    case 'json':
      return `${JSON.stringify(whole, undefined, 2)}\n`;
    case 'jsonl':
      return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    case 'yaml':
      return (await import('yaml')).stringify(whole);
    case 'name':
      return rows.map((row) => `${view.nameOf(row)}\n`).join('');
    case 'table':
    case 'wide':
      return renderTable(rows, {
        columns: view.columns.filter(({ wide }) => format === 'wide' || wide !== true),
        colours: terminal.outColours,
      });
    default:
      return assertNever(format, 'format');
  }
}

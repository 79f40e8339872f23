import type { Colours } from '../terminal.js';
import { printable } from './printable.js';

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** True for a column of `--output wide` alone. */
  readonly wide?: boolean;
  readonly text: (row: Row) => string;
  /** Colours the padded text; the words alone must carry the meaning. */
  readonly paint?: (text: string, row: Row, colours: Colours) => string;
}

/** Rows under a line of titles, columns two blanks apart; no rows, no titles. */
export function renderTable<Row>(
  rows: readonly Row[],
  options: { readonly columns: readonly Column<Row>[]; readonly colours: Colours },
): string {
  if (rows.length === 0) return '';
  const columns = options.columns.map((column) => {
    const texts = rows.map((row) => printable(column.text(row)));
    return { ...column, texts, width: Math.max(column.title.length, ...texts.map((text) => text.length)) };
  });
  const head = columns.map(({ title, width }) => options.colours.bold(title.padEnd(width)));
  const body = rows.map((row, index) =>
    columns.map(({ texts, width, paint }) => {
      const text = (texts[index] ?? '').padEnd(width);
      return paint === undefined ? text : paint(text, row, options.colours);
    }),
  );
  return [head, ...body].map((cells) => `${cells.join('  ').trimEnd()}\n`).join('');
}

import { ValidationError } from '../base/errors.js';
import { isStorable } from '../base/text.js';
import type { PageKey, PageRequest } from '../database/page-key.js';

/** Rows of a page at most. */
export const MAX_PAGE = 100;
/** Rows of a page when the caller does not say. */
export const DEFAULT_PAGE = 30;

/** What a caller says of the page that it wants. */
export interface PageArguments {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** A list that is read in pages. */
export interface PagedList<Node> {
  /** Its name stands in its cursors, so that the cursor of another list is refused. */
  readonly name: string;
  /** A pattern for each value that the list is sorted by. */
  readonly sortedBy: readonly RegExp[];
  find(page: PageRequest): Promise<readonly PageKey[]>;
  load(ids: readonly string[]): Promise<readonly (Node | Error | null)[]>;
}

/** A page in the shape of a Relay connection. */
export interface Page<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

/** Reads a page. Throws a ValidationError for a size or a cursor that cannot be. */
export async function readPage<Node>(list: PagedList<Node>, args: PageArguments): Promise<Page<Node>> {
  const { first, after } = args;
  if (first < 1 || first > MAX_PAGE) throw ValidationError.of('first', first, `1 to ${MAX_PAGE}`);
  const keys = await list.find({
    after: after === undefined || after === null ? undefined : readCursor(list, after),
    // One more than asked for tells whether there is another page.
    limit: first + 1,
  });
  const shown = keys.slice(0, first);
  const rows = await list.load(shown.map(({ id }) => id));
  const edges = shown.flatMap((key, index) => {
    const node = rows[index];
    // A row that was deleted between the two reads is left out.
    return node === null || node === undefined || node instanceof Error
      ? []
      : [{ node, cursor: writeCursor(list.name, key) }];
  });
  const lastKey = shown.at(-1);
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      endCursor: lastKey ? writeCursor(list.name, lastKey) : null,
      hasNextPage: keys.length > first,
    },
  };
}

function writeCursor(list: string, key: PageKey): string {
  return Buffer.from(JSON.stringify([list, ...key.sortedBy])).toString('base64url');
}

function readCursor(list: PagedList<unknown>, cursor: string): readonly string[] {
  const [name, ...values] = parse(cursor);
  const isOurs =
    name === list.name &&
    values.length === list.sortedBy.length &&
    list.sortedBy.every((form, index) => form.test(values[index] ?? ''));
  if (!isOurs) throw ValidationError.of('after', cursor, `a cursor of the list ${list.name}`);
  return values;
}

/** The strings in a cursor; none when it is not made of storable strings. */
function parse(cursor: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) && parts.every(isText) ? parts : [];
  } catch {
    return [];
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && isStorable(value);
}

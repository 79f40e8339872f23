import type { Page, PageVariables } from './operations.js';

const PAGE_SIZE = 100;

/** The first `limit` items of a list, over as many pages as that takes. */
export async function readPages<Item>(
  limit: number,
  read: (variables: PageVariables) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  while (items.length < limit) {
    const page: Page<Item> = await read({ first: Math.min(PAGE_SIZE, limit - items.length), after });
    items.push(...page.nodes);
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage || after === null) break;
  }
  return items;
}

import type DataLoader from 'dataloader';
import { notFound } from '../base/errors.js';
import { readId } from './ids.js';

/** The row of a given id. Throws NOT_FOUND when there is none, or when it cannot be an id. */
export async function requireRow<V>(
  kind: string,
  loader: DataLoader<string, V | null>,
  id: string,
): Promise<V> {
  const row = await loader.load(readId(kind, id));
  if (row === null) throw notFound(kind, id);
  return row;
}

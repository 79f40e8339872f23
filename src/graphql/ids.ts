import { notFound } from '../base/errors.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for what a uuid column can be compared with. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** An id as given by a caller. What cannot be one is NOT_FOUND, like any id that is not there: ids are opaque. */
export function readId(kind: string, id: string): string {
  if (!isUuid(id)) throw notFound(kind, id);
  return id.toLowerCase();
}

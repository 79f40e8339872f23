/**
 * An async iterator whose consumer can always leave: `return` aborts the signal that `make` waits with. A plain
 * generator that waits for something would answer `return` only after that thing has happened, perhaps never.
 */
export function abortableIterator<T>(
  make: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const leaving = new AbortController();
  const source = swallowAbort(make(leaving.signal), leaving.signal);
  const leave = source.return.bind(source);
  source.return = (value) => {
    leaving.abort();
    return leave(value);
  };
  return source;
}

/** Leaving is no failure: the reason with which a wait ends then is not thrown on. */
async function* swallowAbort<T>(
  source: AsyncGenerator<T, void, undefined>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* source;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

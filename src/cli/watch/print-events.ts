import { apiErrorOf } from '../client/api-error.js';
import { type Endpoint, sendRequest } from '../client/http-request.js';
import { openSocket } from '../client/socket.js';
import { socketErrorOf } from '../client/socket-error.js';
import type { Terminal } from '../terminal.js';

/** Prints each event of a subscription as a line of JSON until the server completes it. */
export async function printEvents(
  endpoint: Endpoint,
  operation: { readonly query: string; readonly variables: Record<string, unknown> },
  terminal: Terminal,
): Promise<void> {
  // The socket waits for a server for ever; somebody who mistyped its address should hear of it.
  await sendRequest(endpoint, { query: '{ __typename }', variables: {} });
  const socket = openSocket(endpoint);
  try {
    for await (const result of socket.iterate(operation)) {
      if (result.errors !== undefined) throw apiErrorOf(result.errors, undefined);
      terminal.out(`${JSON.stringify(result.data)}\n`);
    }
  } catch (thrown) {
    throw socketErrorOf(thrown);
  } finally {
    await socket.dispose();
  }
}

import { systemClock } from '../../base/clock.js';
import { ErrorCode } from '../../base/errors.js';
import type { Operation } from '../../protocol/operations.js';
import { CliError } from '../cli-error.js';
import { ApiError } from './api-error.js';
import { Hints } from './hints.js';
import { dataOf, type Endpoint, sendRequest } from './http-request.js';

/** For how long a command that follows something waits for a server that went away. */
const PATIENCE_MS = 60_000;
const RETRY_AFTER_MS = 500;

/** Speaks to a server by typed operations. */
export class Client {
  /** `signal` ends what is under way and every wait. */
  constructor(
    readonly endpoint: Endpoint,
    readonly signal?: AbortSignal,
  ) {}

  /** Runs a query or mutation. Throws a CliError UNREACHABLE without an answer, an ApiError for a refusal. */
  async request<Variables extends object, Data>(
    operation: Operation<Variables, Data>,
    variables: Variables,
  ): Promise<Data> {
    const { response, requestId } = await sendRequest(
      this.endpoint,
      { query: operation.query, variables },
      this.signal,
    );
    return dataOf<Data>(response, requestId);
  }

  /** As {@link request}, for a single thing that may not be there: undefined then. */
  async find<Variables extends object, Data>(
    operation: Operation<Variables, Data>,
    variables: Variables,
  ): Promise<Data | undefined> {
    try {
      return await this.request(operation, variables);
    } catch (error) {
      if (error instanceof ApiError && error.code === ErrorCode.NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** As {@link request}, for reads that follow something: outlives a restart of the server. */
  async requestPatiently<Variables extends object, Data>(
    operation: Operation<Variables, Data>,
    variables: Variables,
  ): Promise<Data> {
    const deadlineMs = systemClock.monotonic() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.request(operation, variables);
      } catch (error) {
        const isAway = error instanceof CliError && error.kind === 'UNREACHABLE';
        if (!isAway || this.signal?.aborted || systemClock.monotonic() > deadlineMs) throw error;
        await systemClock.sleep(RETRY_AFTER_MS, this.signal);
      }
    }
  }

  /** Subscriptions as wake-up calls; close it. */
  openHints(): Hints {
    return new Hints(this.endpoint, this.signal);
  }
}

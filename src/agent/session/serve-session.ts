import type { Logger } from '../../base/logger.js';
import { assertNever } from '../../base/assert-never.js';
import { DomainError, ErrorCode } from '../../base/errors.js';
import { CloseCode } from '../../protocol/close-codes.js';
import type { CancelBuild, Frame, FrameEvent } from '../../protocol/messages.js';
import { reportReady, updateWorker, type UpdateWorkerInput } from '../../protocol/operations.js';
import type { Clock } from '../../base/clock.js';
import { Heartbeat, type HeartbeatHost } from './heartbeat.js';
import { type Offer, openFrame } from './open-frame.js';
import type { Session } from './session.js';

const READY_ATTEMPTS = 100;
const READY_PAUSE_MS = 20;

/** What a session's events are for. */
export interface SessionHost extends HeartbeatHost {
  readonly serverOrigin: string;
  /** Takes an offer or refuses it; what goes wrong is its own to log. */
  offered(offer: Offer): void;
  cancel(event: CancelBuild): void;
  /** What the worker says of itself at the start of a session. */
  update(): UpdateWorkerInput;
}

/** What serving a session works with. */
export interface SessionTools {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Works on one session until it is over: subscribes, reports ready, beats, and handles frames in their order. */
export async function serveSession(session: Session, host: SessionHost, tools: SessionTools): Promise<void> {
  const heartbeat = new Heartbeat(session, host, tools);
  const frames = handleFrames(session, { host, heartbeat, tools });
  const beats = introduce(session, { host, heartbeat, tools });
  await Promise.all([frames, beats]);
  await session.closed;
}

interface Serving {
  readonly host: SessionHost;
  readonly heartbeat: Heartbeat;
  readonly tools: SessionTools;
}

/** The subscription stands already: from here on the server may push. */
async function introduce(session: Session, { host, heartbeat, tools }: Serving): Promise<void> {
  try {
    await sayReady(session, tools.clock);
    await session.call(updateWorker, { input: host.update() });
  } catch (error) {
    giveUp(session, error, tools.logger);
  }
  await heartbeat.run();
}

/**
 * The subscription was sent before, but the server starts operations side by side: it may meet the report first, and
 * then says CONFLICT.
 */
async function sayReady(session: Session, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.call(reportReady, {});
      return;
    } catch (error) {
      const isEarly = error instanceof DomainError && error.code === ErrorCode.CONFLICT;
      if (!isEarly || attempt === READY_ATTEMPTS) throw error;
      await clock.sleep(READY_PAUSE_MS);
    }
  }
}

async function handleFrames(session: Session, serving: Serving): Promise<void> {
  try {
    for await (const frame of session.frames()) await handleFrame(session, frame, serving);
    session.close(1000, 'the stream of work has ended');
  } catch (error) {
    giveUp(session, error, serving.tools.logger);
  }
}

async function handleFrame(session: Session, frame: Frame, serving: Serving): Promise<void> {
  const { host, heartbeat, tools } = serving;
  if (frame.seq !== heartbeat.lastFrameSeq + 1) {
    const reason = `frame ${frame.seq} came after frame ${heartbeat.lastFrameSeq}`;
    session.close(CloseCode.BAD_REQUEST, reason);
    return;
  }
  const context = { serverOrigin: host.serverOrigin, nowMs: tools.clock.now() };
  for (const opened of await openFrame(session, frame, context)) {
    if (opened.kind === 'OFFER') host.offered(opened.offer);
    else tools.logger.error({ build: opened.buildId, reason: opened.reason }, 'dropped a package');
  }
  for (const event of frame.events) handleEvent(event, serving);
  heartbeat.lastFrameSeq = frame.seq;
}

function handleEvent(event: FrameEvent, { host, heartbeat, tools }: Serving): void {
  switch (event.__typename) {
    case 'BuildPackage':
      return; // Opened before, with its whole frame.
    case 'CancelBuild':
      return host.cancel(event);
    case 'Beat':
      return heartbeat.reflected();
    case 'Drain':
      return tools.logger.info({ reason: event.reason }, 'the server sends no more work on this session');
    default:
      return assertNever(event, 'event');
  }
}

/** The end of the session explains itself; anything else ends it, so that the next one starts afresh. */
function giveUp(session: Session, error: unknown, logger: Logger): void {
  if (!session.isOpen) return;
  const reason = error instanceof DomainError ? error.message : 'the agent failed';
  logger.error({ err: error }, 'a session broke');
  session.terminate(reason);
}
